package check

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/outputs"
	"edgenet/probe"
	"edgenet/report"
)

// quiet is a process without anything: no files of a device, no environment, no terminal.
func quiet(t *testing.T) (*console.Console, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, errs bytes.Buffer
	return &console.Console{
		Stdin:   strings.NewReader(""),
		Stdout:  &out,
		Stderr:  &errs,
		Getenv:  func(string) string { return "" },
		Root:    t.TempDir(),
		Version: "test",
	}, &out, &errs
}

// TestRefused: what does not go together is refused with what was wrong and what was
// expected, before anything is contacted.
func TestRefused(t *testing.T) {
	t.Parallel()
	const hub = "h.test"
	for want, o := range map[string]Options{
		"no hub: give it with --hub HOST":         {},
		"did you mean contoso.azure-devices.net?": {Hub: "contoso"},
		"without a port":                          {Hub: "contoso.azure-devices.net:5671"},
		"U+200B (zero width space)":               {Hub: "contoso\u200b.azure-devices.net"},
		"--attempts 1001: expected 1 to 1000":     {Hub: hub, Attempts: 1001},
		"--hold 25h0m0s: expected":                {Hub: hub, Hold: 25 * time.Hour},
		"--every 1ms: expected at least 100ms":    {Hub: hub, Every: time.Millisecond},
		"--every and --wait exclude each other":   {Hub: hub, Every: time.Minute, Wait: time.Minute},
		"-v and -q exclude each other":            {Hub: hub, Verbose: true, Quiet: true},
		"-4 and -6 exclude each other":            {Hub: hub, Ways: inputs.Ways{IPv4: true, IPv6: true}},
		`--format "yaml": expected text, json`:    {Hub: hub, Options: outputs.Options{Format: "yaml"}},
		"-f json holds one round": {Hub: hub, Every: time.Minute,
			Options: outputs.Options{Format: "json"}},
		`--output "r.pdf": expected a name that ends in`: {Hub: hub,
			Options: outputs.Options{Files: []string{"r.pdf"}}},
		"--output -: standard output carries": {Hub: hub, Options: outputs.Options{Files: []string{"-"}}},
		"there is no folder nowhere: make it first": {Hub: hub,
			Options: outputs.Options{Files: []string{"nowhere/r.json"}}},
		"--protocol: ":                                 {Hub: hub, Protocols: []string{"AMQPX"}},
		`--prefer "HTTPS": expected AMQP`:              {Hub: hub, Prefer: []string{"HTTPS"}},
		`--expect "AmqpSw": expected AMQP`:             {Hub: hub, Expect: "AmqpSw"},
		"--expect MQTT is not among the protocols":     {Hub: hub, Protocols: []string{"AMQP"}, Expect: "mqtt"},
		`--depth "deep": expected tcp, tls, protocol`:  {Hub: hub, Depth: "deep"},
		"--lab ignores this host's files":              {Lab: true, Root: "/"},
		"--lab and --hub exclude each other":           {Lab: true, Hub: hub},
		"--scenario and --fault belong to --lab":       {Hub: hub, Scenario: "inspected"},
		"an identity is used at --depth auth alone":    {Hub: hub, Identity: Identity{Cert: "c"}},
		"--depth auth needs an identity":               {Hub: hub, Depth: "auth"},
		"--route proxy: no proxy is known":             {Hub: hub, Routes: []string{"proxy"}},
		`--route "sideways": expected direct or proxy`: {Hub: hub, Routes: []string{"sideways"}},
		"--proxy: ": {Hub: hub, Proxies: []string{"proxy.corp:3128"}},
		"--proxy: in its host name, character 6 is U+200B": {Hub: hub,
			Proxies: []string{"http://proxy\u200b.corp:3128"}},
		`--resolver "dns.corp": expected an IP address`: {Hub: hub,
			Ways: inputs.Ways{Resolvers: []string{"dns.corp"}}},
		`--connect-to "h.test:5671": expected HOST:PORT`: {Hub: hub,
			Ways: inputs.Ways{ConnectTo: []string{"h.test:5671"}}},
		`--source "10.0.0.1.2": neither an IP address`: {Hub: hub, Ways: inputs.Ways{Source: "10.0.0.1.2"}},
		"--ca-file: missing.pem: no such file": {Hub: hub,
			Ways: inputs.Ways{CAFiles: []string{"missing.pem"}}},
		"--from \"there\": expected host or container":      {Hub: hub, From: "there"},
		"--from container and --lab exclude":                {Lab: true, From: "container"},
		"--from container and --wait exclude":               {Hub: hub, From: "container", Wait: time.Minute},
		`--label "site": expected KEY=VALUE`:                {Hub: hub, Labels: []string{"site"}},
		`--label "a b=c": expected KEY=VALUE`:               {Hub: hub, Labels: []string{"a b=c"}},
		"--label and --anonymous exclude each other":        {Hub: hub, Labels: []string{"a=b"}, Anonymous: true},
		`--expect-closed "AMQP": expected PROTOCOL@ROUTE`:   {Hub: hub, ExpectClosed: []string{"AMQP"}},
		"--expect-closed AMQP@proxy: that path is not prob": {Hub: hub, ExpectClosed: []string{"AMQP@proxy"}},
		"--lab and --hub exclude":                           {Lab: true, DPS: true, Hub: hub},
		"--dps and --expect exclude":                        {DPS: true, Expect: "AMQP"},
		"--dps and --targets exclude":                       {DPS: true, Targets: "t"},
		"--all and --targets exclude":                       {All: true, Targets: "t"},
		"--all excludes --every and --wait":                 {All: true, Hub: hub, Wait: time.Minute},
		"--targets excludes --hub":                          {Hub: hub, Targets: "t"},
		"--targets and --wait exclude":                      {Targets: "t", Wait: time.Minute},
		"--targets and --depth auth exclude":                {Targets: "t", Depth: "AUTH"},
		"--targets: none: no such file":                     {Targets: "none"},
		"--targets: standard input: ":                       {Targets: "-", Options: outputs.Options{}},
	} {
		con, out, _ := quiet(t)
		if want == "--targets: standard input: " {
			con.Stdin = nil
		}
		err := Run(context.Background(), con, o)
		if err == nil || !strings.Contains(err.Error(), want) || exit.Code(err) != exit.Usage || out.Len() > 0 {
			t.Errorf("%+v: %v (%d), %s, want %s", o, err, exit.Code(err), out, want)
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	got, err := parseTargets(
		"\ufeffa.azure-devices.net plant-3\r\n# none\n\nb.azure-devices.net,site=plant-4,line=2 # " +
			"two\nA.azure-devices.net.\nc.azure-devices.net\tsite=x y=z\nd.azure-devices.net , two words\n",
	)
	if err != nil || len(got) != 4 {
		t.Fatalf("%v, %v", got, err)
	}
	for i, want := range []map[string]string{{"label": "plant-3"}, {"site": "plant-4", "line": "2"},
		{"site": "x", "y": "z"}, {"label": "two words"}} {
		if len(got[i].labels) != len(want) {
			t.Errorf("%v, want %v", got[i], want)
		}
		for key, value := range want {
			if got[i].labels[key] != value {
				t.Errorf("%v, want %v", got[i], want)
			}
		}
	}
	_, err = parseTargets(
		"a.azure-devices.net\ncontoso\nHostName=x.azure-devices.net;DeviceId=d;SharedAccessKey=S3cret=\nb.test a=\x1b\n" + strings.Repeat(
			"bad\n",
			30,
		),
	)
	text := err.Error()
	for _, want := range []string{"line 2: there is no domain", "line 3: this is a connection string", "line 4: label",
		"and 13 more lines"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", text, want)
		}
	}
	if strings.Contains(text, "S3cret") || strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
}

// TestDevice: a report says which device it is of, unless nobody is to know.
func TestDevice(t *testing.T) {
	t.Parallel()
	con, _, _ := quiet(t)
	config := filepath.Join(con.Root, "etc", "aziot", "config.toml")
	if err := os.MkdirAll(filepath.Dir(config), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(
		"[provisioning]\nsource=\"manual\"\niothub_hostname=\"h.test\"\ndevice_id=\"line-1\"\n[provisioning.authentication]\nmethod=\"sas\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := newJob(context.Background(), con, Options{Labels: []string{"site=plant-3"}})
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	if d := j.start().Device; d == nil || d.Host != host || d.ID != "line-1" || d.Source != "config.toml" ||
		d.Labels["site"] != "plant-3" {
		t.Errorf("got %+v", d)
	}
	elsewhere, err := newJob(context.Background(), con, Options{Root: con.Root})
	if err != nil || elsewhere.start().Device.Host != "" || elsewhere.start().Device.ID != "line-1" {
		t.Errorf("another root: %+v, %v", elsewhere.start().Device, err)
	}
	for _, o := range []Options{{Anonymous: true}, {Inside: true}} {
		if j, err := newJob(context.Background(), con, o); err != nil || j.start().Device != nil {
			t.Errorf("%+v: %+v, %v", o, j.start().Device, err)
		}
	}
	one := j.of(target{host: "x.test", labels: map[string]string{"label": "a"}})
	if d := one.start(); d.Target.Hub != "x.test" || d.Device.Labels["label"] != "a" || d.Device.ID != "line-1" ||
		j.start().Device.Labels["label"] != "" {
		t.Errorf("got %+v", d.Device)
	}
}

// TestSettingsAreJudgedToo: a hub's name out of a file may be short, and may not hold what
// nobody sees.
func TestSettingsAreJudgedToo(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"gateway": "", "x\\r\\ny": "U+000D (carriage return)",
		"h\u200b.test": "U+200B"} {
		con, _, _ := quiet(t)
		config := filepath.Join(con.Root, "etc", "aziot", "config.toml")
		if err := os.MkdirAll(filepath.Dir(config), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, []byte("[provisioning]\nsource=\"manual\"\niothub_hostname=\""+name+
			"\"\ndevice_id=\"d\"\n[provisioning.authentication]\nmethod=\"sas\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := newJob(context.Background(), con, Options{})
		if want == "" && (err != nil || j.plan.Host != name) ||
			want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestInsideArgs: the command line in the container says what the host's says, and holds
// no secret; the container takes it.
func TestInsideArgs(t *testing.T) {
	t.Parallel()
	con, _, _ := quiet(t)
	o := Options{
		Hub:       "gateway.",
		Protocols: []string{"AMQP", "HTTPS"},
		Depth:     "tls",
		Attempts:  2,
		Timeout:   5 * time.Second,
		Proxies:   []string{"http://edge:s3cret@proxy.corp:3128"},
		Ways: inputs.Ways{Resolvers: []string{"127.0.0.1"}, ConnectTo: []string{"gateway:443:127.0.0.1:1"},
			IPv4: true},
	}
	j, err := newJob(context.Background(), con, o)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(j.insideArgs(), " ")
	if want := "check --inside --format=json --hub=gateway. --protocol=AMQP,HTTPS --depth=tls --resolver=127.0.0.1 " +
		"--connect-to=gateway:443:127.0.0.1:1 --attempts=2 --timeout=5s --ipv4=true"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	con.Stdin = bytes.NewReader(proxyURLs(j.plan.Routes))
	in, err := newJob(context.Background(), con, Options{Inside: true, Hub: "gateway."})
	if err != nil || len(in.plan.Routes) != 2 || in.plan.Routes[1].Proxy.Password.Reveal() != "s3cret" ||
		!in.env.Trust.Module {
		t.Errorf("got %+v, %v", in, err)
	}
}

// closedJob is a job whose rounds are made up.
func madeUp(t *testing.T, o Options, codes ...int) (*job, *bytes.Buffer, *bytes.Buffer, context.Context) {
	t.Helper()
	con, out, errs := quiet(t)
	o.Hub = "h.test"
	j, err := newJob(context.Background(), con, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	n := 0
	j.round = func(context.Context, probe.Observer) *report.Report {
		r := probe.Start(j.plan, time.Now())
		r.Verdict.ExitCode = codes[min(n, len(codes)-1)]
		r.Verdict.Reason = "made up"
		if n++; n >= len(codes) {
			cancel()
		}
		return r
	}
	return j, out, errs, ctx
}

// TestOutputs: one output that fails costs neither the result nor the others, and shows in
// the exit code where the answer is good.
func TestOutputs(t *testing.T) {
	t.Parallel()
	for answer, want := range map[int]int{0: exit.Output, 1: exit.Bad, 3: exit.Other, 130: exit.Interrupted} {
		dir := t.TempDir()
		bad, good := filepath.Join(dir, "below", "r.json"), filepath.Join(dir, "r.csv")
		if err := os.Mkdir(filepath.Dir(bad), 0o755); err != nil {
			t.Fatal(err)
		}
		j, out, _, _ := madeUp(
			t,
			Options{Options: outputs.Options{Format: "json", Files: []string{bad, good}}},
			answer,
			answer,
		)
		if err := os.RemoveAll(filepath.Dir(bad)); err != nil { // after it was tried
			t.Fatal(err)
		}
		err := j.once(context.Background())
		if exit.Code(err) != want || !strings.Contains(strings.Join(exit.Messages(err), " "), "--output: "+bad) {
			t.Errorf("%d: %v (%d)", answer, err, exit.Code(err))
		}
		if _, err := os.Stat(good); err != nil || !strings.Contains(out.String(), "edgenet.report/1") {
			t.Errorf("%d: %v, %s", answer, err, out)
		}
	}
}

// TestEveryOutlivesABrokenOutput: it is said once when it fails, and once when it works.
func TestEveryOutlivesABrokenOutput(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "below")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "r.jsonl")
	j, _, errs, ctx := madeUp(
		t,
		Options{Every: 100 * time.Millisecond, Options: outputs.Options{Format: "jsonl", Files: []string{path}}},
		0,
		0,
		0,
		0,
		0,
		0,
	)
	n, real := 0, j.round
	j.round = func(ctx context.Context, o probe.Observer) *report.Report {
		switch n++; n {
		case 2:
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		case 4:
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Error(err)
			}
		}
		return real(ctx, o)
	}
	err := j.every(ctx, j.oneHub)
	if exit.Code(err) != exit.Interrupted {
		t.Errorf("%v", err)
	}
	if got := errs.String(); strings.Count(got, "tries again after each round") != 1 ||
		strings.Count(got, "all outputs are written again") != 1 {
		t.Errorf("said %q", got)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "edgenet.report/1") {
		t.Errorf("%q, %v", text, err)
	}
}

// TestWait: giving up is said, and an interrupt is the exit code.
func TestWait(t *testing.T) {
	t.Parallel()
	j, _, errs, _ := madeUp(t, Options{Wait: 10 * time.Millisecond, Quiet: true}, 1, 1)
	if err := j.once(context.Background()); exit.Code(err) != exit.Bad ||
		!strings.Contains(errs.String(), "given up after ") {
		t.Errorf("%v, %q", err, errs)
	}
	j, _, errs, ctx := madeUp(t, Options{Wait: time.Hour, Quiet: true}, 1)
	if err := j.once(ctx); exit.Code(err) != exit.Interrupted || strings.Contains(errs.String(), "given up") {
		t.Errorf("%v, %q", err, errs)
	}
}
