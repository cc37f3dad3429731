package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"edgenet/internal/sorting"
)

// Bounds of what is asked of the engine.
const (
	engineTimeout = 5 * time.Second
	maxAnswer     = 8 << 20
	maxContainers = 64
)

// engineSockets are looked for where no configuration names one.
var engineSockets = []string{"/var/run/docker.sock", "/run/docker.sock",
	"/var/snap/azure-iot-edge/common/docker-proxy.sock"}

// readEngine asks the engine for the runtime's containers. Nothing else is asked, and
// nothing is changed.
func (d *Device) readEngine(ctx context.Context, o Options) {
	name, socket := d.engineSocket(o.Engine)
	if socket == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	e := newEngine(socket)
	defer e.client.CloseIdleConnections()
	var list []struct {
		ID     string            `json:"Id"`
		Names  []string          `json:"Names"`
		Labels map[string]string `json:"Labels"`
	}
	if err := e.get(ctx, "/containers/json?all=true", &list); err != nil {
		d.unread(name, err)
		return
	}
	for _, c := range list {
		if len(c.Names) == 0 || len(d.Containers) == maxContainers || !ours(c.Names[0], c.Labels) {
			continue
		}
		box, err := e.inspect(ctx, c.ID)
		if err != nil {
			d.unread(name, fmt.Errorf("container %s: %w", strings.TrimPrefix(c.Names[0], "/"), err))
			continue
		}
		d.Containers = append(d.Containers, box)
	}
	sorting.By(d.Containers, func(a, b Container) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range d.Containers {
		d.containerSettings(c)
	}
}

func ours(name string, labels map[string]string) bool {
	if n := strings.TrimPrefix(name, "/"); n == "edgeAgent" || n == "edgeHub" {
		return true
	}
	for l := range labels {
		if strings.HasPrefix(l, edgeLabels) {
			return true
		}
	}
	return false
}

// engineSocket finds the socket: its name on the device, and its real path. Both are
// empty where there is none.
func (d *Device) engineSocket(given string) (name, real string) {
	names := engineSockets
	if s, ok := d.first(Engine, ConfigTOML, ConfigD, ConfigYAML); ok {
		names = append([]string{s.Value.Reveal()}, names...)
	}
	if given != "" {
		p := strings.TrimPrefix(given, "unix://")
		return p, p
	}
	for _, n := range names {
		p, ok := strings.CutPrefix(n, "unix://")
		if !ok && !strings.HasPrefix(n, "/") {
			continue // tcp and fd are none of ours
		}
		path, err := d.tree.resolve(p)
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
			return p, path
		}
	}
	return "", ""
}

type engine struct{ client *http.Client }

func newEngine(socket string) *engine {
	return &engine{&http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", socket)
			},
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (e *engine) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine"+path, nil)
	if err != nil {
		return err
	}
	res, err := e.client.Do(req)
	if err != nil {
		return plainReason(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return plainReason(err)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("the container engine answers %d", res.StatusCode)
	case len(body) > maxAnswer:
		return errors.New("the container engine's answer is too long")
	}
	if json.Unmarshal(body, into) != nil {
		return errors.New("the container engine's answer is no JSON of the expected form")
	}
	return nil
}

// plainReason is an error without the URL that nobody asked for.
func plainReason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
		var sys *os.SyscallError
		if errors.As(err, &sys) {
			err = sys.Err
		}
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", engineTimeout)
	}
	return errors.New("no answer that can be read")
}

func (e *engine) inspect(ctx context.Context, id string) (Container, error) {
	var in description
	if strings.ContainsAny(id, "/?#% ") || id == "" {
		return Container{}, errors.New("it has no id")
	}
	err := e.get(ctx, "/containers/"+id+"/json", &in)
	return in.container(), err
}
