package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of reading what an engine has.
const (
	maxContainers = 128
	usageTimeout  = 4 * time.Second // it measures every volume, which takes long on slow cards
	logTimeout    = 5 * time.Second
)

// Version is what the engine says of itself.
type Version struct {
	Platform   struct{ Name string }
	Components []struct{ Name, Version string }
	Version    string
	APIVersion string `json:"ApiVersion"`
	MinAPI     string `json:"MinAPIVersion"`
}

// Version asks for the version without a version in the path: it is answered whatever the
// engine speaks.
func (c *Client) Version(ctx context.Context) (v Version, err error) {
	return v, c.read(ctx, "/version", &v)
}

// Info is how the engine stores and logs.
type Info struct {
	Driver        string
	DriverStatus  [][]string
	DockerRootDir string
	LoggingDriver string
	Containers    int
}

// Info asks how the engine stores and logs.
func (c *Client) Info(ctx context.Context) (i Info, err error) { return i, c.read(ctx, "/info", &i) }

// Inspected is a container as the engine keeps it.
type Inspected struct {
	ID      string `json:"Id"`
	Name    string
	LogPath string
	State   struct {
		Status string
		Pid    int
	}
	Config struct {
		Image  string
		User   string
		Env    []string
		Labels map[string]string
	}
	HostConfig struct {
		LogConfig struct {
			Type   string
			Config map[string]string
		}
		Memory        int64
		NanoCpus      int64
		Privileged    bool
		NetworkMode   string
		PidMode       string
		CapAdd        []string
		RestartPolicy struct{ Name string }
		PortBindings  map[string][]struct{ HostIp, HostPort string } //nolint:revive // the engine's name
	}
	Mounts []struct {
		Type, Name, Source, Destination string
	}
	NetworkSettings struct {
		Networks map[string]struct{ IPAddress string }
	}
}

// ParseInspected reads what docker inspect prints: one object, or an array of one.
func ParseInspected(text []byte) (Inspected, error) {
	var one Inspected
	if json.Unmarshal(text, &one) == nil && one.Name != "" {
		return one, nil
	}
	var many []Inspected
	if err := json.Unmarshal(text, &many); err != nil || len(many) != 1 {
		return one, fmt.Errorf("not what docker inspect prints of one container")
	}
	return many[0], nil
}

// Inventory inspects the containers that keep says yes to, by their names and labels.
func (c *Client) Inventory(
	ctx context.Context,
	keep func(name string, labels map[string]string) bool,
) ([]Inspected, error) {
	var list []struct {
		ID     string `json:"Id"`
		Names  []string
		Labels map[string]string
	}
	if err := c.read(ctx, "/containers/json?all=true", &list); err != nil {
		return nil, err
	}
	var out []Inspected
	for _, x := range list {
		if len(x.Names) == 0 || len(out) == maxContainers || !keep(strings.TrimPrefix(x.Names[0], "/"), x.Labels) {
			continue
		}
		var in Inspected
		err := c.read(ctx, "/containers/"+url.PathEscape(x.ID)+"/json", &in)
		if IsNotFound(err) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, err
		}
		in.Name = strings.TrimPrefix(in.Name, "/")
		out = append(out, in)
	}
	return out, nil
}

// NetworkInfo is one network with its options.
type NetworkInfo struct {
	ID         string `json:"Id"`
	Name       string
	EnableIPv6 bool
	IPAM       struct {
		Config []struct{ Subnet string }
	}
	Options map[string]string
}

// Networks lists all networks.
func (c *Client) Networks(ctx context.Context) (n []NetworkInfo, err error) {
	return n, c.read(ctx, "/networks", &n)
}

// Usage is what the engine keeps and nobody uses, in bytes.
type Usage struct{ UnusedImages, UnusedVolumes int64 }

// Usage measures what is kept without use. It can take long, and gives up after a few
// seconds.
func (c *Client) Usage(ctx context.Context) (Usage, error) {
	ctx, cancel := context.WithTimeout(ctx, usageTimeout)
	defer cancel()
	var in struct {
		Images []struct {
			Containers       int
			Size, SharedSize int64
		}
		Volumes []struct {
			UsageData struct{ RefCount, Size int64 }
		}
	}
	if err := c.read(ctx, "/system/df", &in); err != nil {
		return Usage{}, err
	}
	var u Usage
	for _, i := range in.Images {
		if i.Containers == 0 {
			u.UnusedImages += max(0, i.Size-max(0, i.SharedSize))
		}
	}
	for _, v := range in.Volumes {
		if v.UsageData.RefCount == 0 {
			u.UnusedVolumes += max(0, v.UsageData.Size)
		}
	}
	return u, nil
}

// Log gives the newest lines of a container's log, as far as they fit into the bound of
// an answer. The stream's frames are still in it.
func (c *Client) Log(ctx context.Context, container string, lines int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	path := fmt.Sprintf("/containers/%s/logs?stdout=true&stderr=true&tail=%d", url.PathEscape(container), lines)
	return c.send(ctx, http.MethodGet, path, "", nil)
}

func (c *Client) read(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.call(ctx, http.MethodGet, path, nil, into)
}
