package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Audience is what bearer tokens for IoT Hub's data are issued for.
const Audience = "https://iothubs.azure.net"

const (
	metadataHost  = "http://169.254.169.254"
	metadataPath  = "/metadata/identity/oauth2/token"
	metadataWait  = 2 * time.Second // off Azure nothing answers there
	tokenWait     = 30 * time.Second
	maxTokenReply = 64 << 10
)

// ManagedIdentity gets tokens from the instance metadata service. host replaces its
// address where a pod's identity is served elsewhere; client is the identity where the
// machine has several; both may be empty.
func ManagedIdentity(host, client string) Authorizer {
	if host == "" {
		host = metadataHost
	}
	return &renewed{source: "managed identity", get: func(ctx context.Context) (secret.Value, time.Time, error) {
		q := url.Values{"api-version": {"2018-02-01"}, "resource": {Audience}}
		if client != "" {
			q.Set("client_id", client)
		}
		return metadataToken(ctx, strings.TrimSuffix(host, "/")+metadataPath+"?"+q.Encode())
	}}
}

func metadataToken(ctx context.Context, address string) (secret.Value, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return secret.Value{}, time.Time{}, err
	}
	req.Header.Set("Metadata", "true")
	// Never by a proxy: the address means this machine's own.
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: metadataWait}).DialContext, DisableKeepAlives: true}
	defer t.CloseIdleConnections()
	resp, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return secret.Value{}, time.Time{}, errors.New("no managed identity answers on this machine")
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenReply))
	if err != nil || resp.StatusCode != http.StatusOK {
		return secret.Value{}, time.Time{}, fmt.Errorf("the managed identity gives no token (status %d)",
			resp.StatusCode)
	}
	var reply struct {
		Token   string      `json:"access_token"`
		Seconds json.Number `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || reply.Token == "" {
		return secret.Value{}, time.Time{}, errors.New("the managed identity's answer holds no token")
	}
	n, err := strconv.Atoi(string(reply.Seconds))
	if err != nil {
		n = 600 // absent: asked for again soon
	}
	return secret.New("Bearer " + reply.Token), time.Now().Add(time.Duration(n) * time.Second), nil
}

// CLI gets tokens from `az account get-access-token`, run as path.
func CLI(path string) Authorizer {
	return &renewed{source: "az account get-access-token", get: func(ctx context.Context) (secret.Value, time.Time,
		error) {
		ctx, cancel := context.WithTimeout(ctx, tokenWait)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "account", "get-access-token", "--resource", Audience, "--output",
			"json") //nolint:gosec // found on PATH
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &capped{&out, maxTokenReply}, &capped{&complaint, 4 << 10}
		cmd.WaitDelay = time.Second
		if err := cmd.Run(); err != nil {
			return secret.Value{}, time.Time{}, fmt.Errorf("az gives no token (az login first?): %s",
				report.Clean(report.FirstLine(report.CleanBytes(complaint.Bytes(), 300)), 200))
		}
		return cliToken(out.Bytes())
	}}
}

func cliToken(text []byte) (secret.Value, time.Time, error) {
	var reply struct {
		Token string      `json:"accessToken"`
		Unix  json.Number `json:"expires_on"`
	}
	if err := json.Unmarshal(text, &reply); err != nil || reply.Token == "" {
		return secret.Value{}, time.Time{}, errors.New("az's answer holds no token")
	}
	end := time.Now().Add(10 * time.Minute) // older versions tell it in local time only
	if n, err := strconv.ParseInt(string(reply.Unix), 10, 64); err == nil {
		end = time.Unix(n, 0)
	}
	return secret.New("Bearer " + reply.Token), end, nil
}

// capped keeps the first bytes of what is written.
type capped struct {
	to   *bytes.Buffer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	c.to.Write(p[:n])
	return len(p), nil
}
