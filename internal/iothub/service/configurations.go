package service

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"edgenet/internal/iothub"
	"edgenet/report"
)

// MaxDeployments is how many automatic deployments a hub holds, layered ones included.
const MaxDeployments = 100

// maxList is asked of a list: more than a hub holds of deployments and of configurations
// of modules together.
const maxList = 500

// Configuration is an automatic deployment or a configuration of modules.
type Configuration struct {
	ID              string            `json:"id"`
	SchemaVersion   string            `json:"schemaVersion,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	Content         Content           `json:"content"`
	TargetCondition string            `json:"targetCondition"`
	Priority        int               `json:"priority"`
	ETag            string            `json:"etag,omitempty"`
	Created         string            `json:"createdTimeUtc,omitempty"`
	SystemMetrics   *Metrics          `json:"systemMetrics,omitempty"`
}

// Content is what a configuration gives to its targets; ModulesContent is nil where it is
// no deployment of IoT Edge.
type Content struct {
	ModulesContent json.RawMessage `json:"modulesContent,omitempty"`
}

// Metrics are counts that the hub keeps of a configuration.
type Metrics struct {
	Results map[string]int    `json:"results,omitempty"`
	Queries map[string]string `json:"queries,omitempty"`
}

// Edge tells whether it is a deployment of IoT Edge.
func (c *Configuration) Edge() bool {
	return len(c.Content.ModulesContent) > 0 && string(c.Content.ModulesContent) != "null"
}

func configurationPath(id string) string { return "/configurations/" + iothub.Escape(id) }

// Configurations lists all of them.
func (c *Client) Configurations(ctx context.Context) ([]Configuration, error) {
	var list []Configuration
	err := c.do(ctx, call{
		doing: "list the deployments", kind: KindConfiguration, need: rightConfigRead, method: http.MethodGet,
		path:  "/configurations",
		query: map[string][]string{"top": {strconv.Itoa(maxList)}}, safe: true,
		read: func(resp *http.Response) error {
			list = nil
			return Rows(resp.Body, func(row []byte) error {
				var x Configuration
				if err := json.Unmarshal(row, &x); err != nil {
					return giveUp{err}
				}
				list = append(list, x)
				return nil
			})
		},
	})
	return list, err
}

// Configuration reads one, fresh.
func (c *Client) Configuration(ctx context.Context, id string) (*Configuration, error) {
	x := &Configuration{}
	err := c.do(ctx, call{
		doing: "read the deployment " + report.Clean(id, 128), kind: KindConfiguration, need: rightConfigRead,
		method: http.MethodGet, path: configurationPath(id), read: document(x), safe: true,
	})
	return x, err
}

// Create makes one that must not be there yet: it goes without an ETag, as the hub wants.
func (c *Client) Create(ctx context.Context, x *Configuration) (*Configuration, error) {
	out := &Configuration{}
	err := c.do(ctx, call{
		doing: "create the deployment " + report.Clean(x.ID, 128), kind: KindConfiguration, need: rightConfigWrite,
		method: http.MethodPut, path: configurationPath(x.ID), body: x, read: document(out),
	})
	return out, err
}

// Delete takes away one that still has the ETag.
func (c *Client) Delete(ctx context.Context, id, etag string) error {
	return c.do(ctx, call{
		doing: "delete the deployment " + report.Clean(id, 128), kind: KindConfiguration, need: rightConfigWrite,
		method: http.MethodDelete, path: configurationPath(id), header: map[string]string{"If-Match": quoted(etag)},
	})
}

// Tested is what the hub says of a condition without using it; empty texts mean that it is
// right.
type Tested struct {
	Condition string            `json:"targetConditionError"`
	Metrics   map[string]string `json:"customMetricQueryErrors"`
}

// TestQueries has the hub judge a target condition.
func (c *Client) TestQueries(ctx context.Context, condition string) (*Tested, error) {
	t := &Tested{}
	err := c.do(ctx, call{
		doing: "test the condition", kind: KindConfiguration, need: rightConfigTest, method: http.MethodPost,
		path: "/configurations/testQueries", body: map[string]any{"targetCondition": condition,
			"customMetricQueries": map[string]string{}}, read: document(t), safe: true,
	})
	return t, err
}
