package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/infile"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

// maxTemplate bounds a deployment's template, in bytes.
const maxTemplate = 4 << 20

// readClasses reads the classes file; without one no proxy has a name.
func readClasses(ctx context.Context, con *console.Console, path string) (*fleet.Classes, error) {
	if path == "" {
		return &fleet.Classes{}, nil
	}
	text, err := bounded(ctx, con, path, fleet.MaxClassesFile)
	if err != nil {
		return nil, exit.Inputf("--classes: %w", err)
	}
	c, err := fleet.ParseClasses(text, func(name string) (io.ReadCloser, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		return infile.Reader{}.Open(ctx, name)
	})
	if err != nil {
		return nil, exit.Inputf("--classes %s: %w", secret.Name(path, 200), err)
	}
	return c, nil
}

// template reads the template from a file, else from the hub's deployment of that id.
func template(ctx context.Context, con *console.Console, client *service.Client, name string) (
	text []byte, file string, err error,
) {
	text, err = bounded(ctx, con, name, maxTemplate)
	if err == nil {
		return text, absolute(name), nil
	}
	if !errors.Is(err, fs.ErrNotExist) || filepath.Base(name) != name || filepath.Ext(name) == ".json" {
		return nil, "", exit.Inputf("--deployment: %w", err)
	}
	text, err = hubTemplate(ctx, client, name)
	if service.Status(err) == http.StatusNotFound {
		return nil, "", exit.Inputf("--deployment %q: there is no such file, and the hub has no deployment of that id",
			secret.Name(name, 80))
	}
	return text, "", hubError(err)
}

func hubTemplate(ctx context.Context, client *service.Client, id string) ([]byte, error) {
	c, err := client.Configuration(ctx, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"modulesContent": c.Content.ModulesContent})
}

// contents renders the deployments again, which have to be those that were planned.
func contents(ctx context.Context, con *console.Console, client *service.Client, plan *fleet.Plan) (
	map[string]json.RawMessage, error,
) {
	text, err := plannedTemplate(ctx, con, client, plan)
	if err != nil {
		return nil, err
	}
	classes, err := readClasses(ctx, con, plan.ClassesFile)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for _, c := range plan.Classes {
		name := secret.Name(c.Name, 60)
		r, err := fleet.Render(plan.Base, text, fleet.Class{Protocol: c.Protocol, Proxy: c.Proxy}, classes)
		if err != nil {
			return nil, exit.Inputf("class %s: %w", name, err)
		}
		if r.ID() != c.Deployment {
			return nil, exit.Inputf("the template or the classes file changed since the plan was made (class %s): "+
				"plan again", name)
		}
		out[r.ID()] = r.Content
	}
	return out, nil
}

func plannedTemplate(ctx context.Context, con *console.Console, client *service.Client, plan *fleet.Plan) (
	[]byte, error,
) {
	if plan.BaseFile == "" {
		return hubTemplate(ctx, client, plan.Base)
	}
	text, err := bounded(ctx, con, plan.BaseFile, maxTemplate)
	if err != nil {
		return nil, exit.Inputf("the plan's template: %w", err)
	}
	return text, nil
}
