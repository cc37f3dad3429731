package endpoints

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"edgenet/internal/hop"
	"edgenet/internal/secret"
	"edgenet/report"
)

// maxBody bounds what a registry may answer; manifests of images are small.
const maxBody = 4 << 20

// accept lists the manifest types that registries know (OCI distribution, Docker
// Registry v2).
const accept = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, " +
	"application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"

// asRegistry asks what every registry answers (OCI distribution, "determining support"): that the
// certificate is right says little where a filter answers in the registry's place.
func (t *tester) asRegistry(ctx context.Context, e Endpoint, o *Outcome) {
	c := t.registryClient(e)
	defer c.http.CloseIdleConnections()
	res, err := c.do(ctx, c.base+"/v2/", reference{}, false)
	if err != nil {
		return // a server that drops one question may still serve the next: TLS stood
	}
	defer func() { _ = res.Body.Close() }()
	page := strings.HasPrefix(strings.ToLower(res.Header.Get("Content-Type")), "text/html")
	cause := report.HTTPBlockPage
	switch s := res.StatusCode; {
	case s >= 500 || s == http.StatusTooManyRequests:
		cause = report.HTTPStatus
	case s == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") != "":
		_, rest, _ := strings.Cut(res.Header.Get("WWW-Authenticate"), " ")
		if realm, err := tokenURL(rest, reference{}); err == nil { // nothing is pulled without it
			host, port := hostPort(realm.Host)
			t.learned(host, port, "container engine: tokens for "+e.Host, e, "login of "+e.Host)
		}
		return
	case res.Header.Get("Docker-Distribution-Api-Version") != "": // a registry says so whatever else it answers
		return
	case s >= 300 && s < 400 && c.itself(res.Header.Get("Location")):
		return
	case s >= 300 && s < 400 || page && s != http.StatusNotFound:
	default:
		return // an answer that a program gives, if only a refusal
	}
	o.Status, o.Cause, o.Actor = report.Failed, cause.Label(report.HopTarget), cause.ActorAt(report.HopTarget)
	o.Summary = fmt.Sprintf("TLS is up, and GET /v2/ is answered with %d, which is no registry's answer",
		res.StatusCode)
	if cause == report.HTTPStatus {
		o.Summary = fmt.Sprintf("TLS is up, and GET /v2/ is answered with %d: reached, and not well", res.StatusCode)
	}
	if to := res.Header.Get("Location"); to != "" {
		o.Summary += " (it leads to " + report.Clean(secret.Within(to), 100) + ")"
	}
}

// itself tells whether a redirect stays at the registry.
func (c *registryClient) itself(location string) bool {
	to, err := url.Parse(location)
	return err == nil && location != "" && (to.Host == "" || to.Hostname() == c.host)
}

// layers follows the redirect of a real layer of one of the device's images and adds the
// host where it leads. What is not found is no fault: the pattern stays.
func (t *tester) layers(ctx context.Context, e Endpoint) {
	t.mu.Lock()
	known := slices.Contains(t.seen, e.Address())
	t.seen = append(t.seen, e.Address())
	t.mu.Unlock()
	if known {
		return
	}
	for _, image := range t.Images {
		r, ok := parseImage(image, t.Parent)
		if !ok || r.host != e.Host || r.port != e.Port {
			continue
		}
		c := t.registryClient(e)
		host, port, err := c.redirect(ctx, r)
		c.http.CloseIdleConnections()
		if err != nil || host == "" {
			continue
		}
		t.learned(host, port, "container engine: layers of "+e.Host, e, "redirect of "+r.repository)
		return
	}
}

// learned adds a host that a registry has named, to be tested as well; the registry itself is.
func (t *tester) learned(host string, port int, by string, e Endpoint, source string) {
	if host == "" || host == e.Host && port == e.Port {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.more, func(o Endpoint) bool { return o.Host == host && o.Port == port }) {
		return
	}
	t.more = append(t.more, Endpoint{Host: report.Clean(host, 253), Port: port, Transport: "tcp", Protocol: "HTTPS",
		Direction: "outbound", Role: report.EndpointRegistryData, Need: Required, UsedBy: by, Via: e.Via,
		Source: source})
}

// registryClient speaks to one registry; redirects are answers, and credentials go
// nowhere else.
type registryClient struct {
	http     *http.Client
	base     string
	host     string
	user     string
	password secret.Value
	token    secret.Value
}

func (t *tester) registryClient(e Endpoint) *registryClient {
	c := &registryClient{base: "https://" + e.Address(), host: e.Host}
	for _, r := range t.Credentials {
		if h, p := hostPort(strings.TrimPrefix(r.Address, "https://")); h == e.Host && p == e.Port {
			c.user, c.password = r.User, r.Password
		}
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				host, port := hostPort(address)
				conn, fault := t.tls(ctx, hop.NewTrace(ctx, t.base), Endpoint{Host: host, Port: port, Via: e.Via})
				if fault != nil {
					return nil, errors.New(fault.Summary)
				}
				return conn, nil
			},
			TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 alone
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // a connection ends with the context that it was made in
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// manifestOf is what matters of an image's manifest, and of an index of several.
type manifestOf struct {
	Manifests []struct{ Digest string }
	Config    struct{ Digest string }
}

// redirect asks for the smallest blob of an image, its configuration, and says where that
// leads; empty where the registry serves it itself.
func (c *registryClient) redirect(ctx context.Context, r reference) (host string, port int, err error) {
	tag := r.tag
	for range 2 { // an index, then one of its manifests
		var m manifestOf
		if err := c.get(ctx, "/v2/"+r.repository+"/manifests/"+tag, r, &m); err != nil {
			return "", 0, err
		}
		if m.Config.Digest != "" {
			return c.blob(ctx, r, m.Config.Digest)
		}
		if len(m.Manifests) == 0 {
			break
		}
		tag = m.Manifests[0].Digest
	}
	return "", 0, errors.New("the registry's answer names no layer")
}

func (c *registryClient) blob(ctx context.Context, r reference, digest string) (string, int, error) {
	if strings.ContainsAny(digest, "/?#% ") {
		return "", 0, errors.New("a digest that is none")
	}
	res, err := c.do(ctx, c.base+"/v2/"+r.repository+"/blobs/"+digest, r, true)
	if err != nil {
		return "", 0, err
	}
	_ = res.Body.Close()
	if res.StatusCode < 300 || res.StatusCode > 399 {
		return "", 0, nil
	}
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || to.Scheme != "https" || to.Hostname() == "" || to.Hostname() == c.host {
		return "", 0, nil
	}
	host, port := hostPort(to.Host)
	return report.Clean(host, 253), port, nil
}

func (c *registryClient) get(ctx context.Context, path string, r reference, into any) error {
	res, err := c.do(ctx, c.base+path, r, true)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the registry answers %d", res.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(into)
}

// do asks, and where the registry wants a token gets one.
func (c *registryClient) do(ctx context.Context, address string, r reference, again bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	if !c.token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
	res, err := c.http.Do(req)
	if err != nil || res.StatusCode != http.StatusUnauthorized || !again {
		return res, err
	}
	challenge := res.Header.Get("WWW-Authenticate")
	_ = res.Body.Close()
	if err := c.login(ctx, challenge, r); err != nil {
		return nil, err
	}
	return c.do(ctx, address, r, false)
}

// login gets a token as the challenge says (Docker Registry v2 token authentication);
// the password goes along only to the registry's own host.
func (c *registryClient) login(ctx context.Context, challenge string, r reference) error {
	scheme, rest, _ := strings.Cut(challenge, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return errors.New("the registry asks for a login of another kind")
	}
	realm, err := tokenURL(rest, r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, realm.String(), nil)
	if err != nil {
		return err
	}
	if c.user != "" && strings.EqualFold(realm.Hostname(), c.host) {
		req.SetBasicAuth(c.user, c.password.Reveal())
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Token  string `json:"token"`
		Access string `json:"access_token"`
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the registry's login answers %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&answer); err != nil {
		return err
	}
	if answer.Token == "" {
		answer.Token = answer.Access
	}
	c.token = secret.New(answer.Token)
	return nil
}

// tokenURL is where a challenge's parameters lead.
func tokenURL(parameters string, r reference) (*url.URL, error) {
	values := map[string]string{}
	for part := range strings.SplitSeq(parameters, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		values[strings.ToLower(k)] = strings.Trim(v, `"`)
	}
	realm, err := url.Parse(values["realm"])
	if err != nil || realm.Scheme != "https" || realm.Hostname() == "" {
		return nil, errors.New("the registry's login has no https address")
	}
	q := realm.Query()
	q.Set("service", values["service"])
	q.Set("scope", "repository:"+r.repository+":pull")
	realm.RawQuery = q.Encode()
	return realm, nil
}
