package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"edgenet/internal/exit"
	"edgenet/internal/fleet/fakehub"
)

// quoted is a text inside a JSON string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(b[1 : len(b)-1])
}

// secretBundle is an archive of the runtime with the text wherever one stands in it.
func secretBundle(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	q := quoted(text)
	for name, content := range map[string]string{
		"logs/edgeHub_log.txt": secretLog(text),
		"check.json":           secretCheck(text),
		"inspect/edgeHub.json": `[{"Name":"/edgeHub","Config":{"Image":"` + imageOf(q) + `","Env":["https_proxy=` + q +
			`","UpstreamProtocol=` + q + `","IOTEDGE_IOTHUBHOSTNAME=` + q + `"]}}]`,
		"network/azure-iot-edge.json": `[{"Name":"` + q + `","Options":{"x":"` + q + `"}}]`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// secretLog has the text where the runtime's own lines have what it was given.
func secretLog(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	var b strings.Builder
	for i, line := range []string{
		"[INF] - Starting Edge Hub", "[INF] - UpstreamProtocol: " + text, "[INF] - https_proxy: " + text,
		"[WRN] - Error connecting to " + text + ": Connection refused",
		"[ERR] - Fatal error building application: Invalid URI " + text,
		"[ERR] - Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException: " + text,
	} {
		fmt.Fprintf(&b, "<%d> 2024-11-05 10:00:0%d.000 +00:00 %s\n", 6-i, i, line)
	}
	return b.String()
}

func secretCheck(text string) string {
	q := quoted(text)
	return `{"checks":{"connect":{"result":"error","details":["` + q + `","caused by ` + q +
		`"]}},"additional_info":{"edged_version":"` + q + `"}}`
}

// secretFiles are what the commands beside check read, with the text in each place of a value.
func secretFiles(t *testing.T, text string) map[string]string {
	t.Helper()
	q := quoted(text)
	row := `{"deviceId":"d1","moduleId":"edgenet","tags":{"site":"` + q + `","edgenet":{"class":"` + q + `"}},"etag":"` + q +
		`","properties":{"desired":{"edgenet":{"proxies":["` + q + `"]}},"reported":{"edgenet":{"schema":"edgenet.twin/1","v":1,` +
		`"status":"` + q + `","configured":"` + q + `","recommended":"` + q + `","route":"` + q + `","cause":"` + q +
		`","version":"` + q + `","configErrors":["` + q + `"],"direct":{"AMQP":"` + q + `"},"proxy":{"AMQPWS":"` + q + `"}}}}}`
	report := `{"schema":"edgenet.report/1","generatedAt":"2026-11-29T00:00:00Z","target":{"hub":"` + q +
		`"},"device":{"host":"` + q + `","labels":{"site":"` + q + `"}},"routes":[{"id":"proxy","url":"` + q +
		`"}],"results":[{"protocol":"AMQP","route":"direct","status":"failed","cause":"` + q + `"}]}`
	entry := `{"at":"2026-11-29T00:00:00Z","n":1,"kind":"tag","id":"` + q + `","before":{"class":"` + q +
		`"},"after":null,"etag":"` + q + `","state":"done","hub":"` + q + `","plan":"x","note":"` + q + `"}`
	return map[string]string{
		"twins.json": "[" + row + "]", "rows.jsonl": row + "\n" + row + "\n", "report.json": report,
		"history.jsonl": strings.ReplaceAll(report, "\n", " ") + "\n" + report + "\n",
		"classes.toml":  "site = \"" + q + "\"\n[proxies.\"" + q + "\"]\nurl = \"" + q + "\"\nsites = [\"" + q + "\"]\n",
		"classes.json":  `{"proxies":{"p":{"url":"` + q + `","credentials":"` + q + `","sites":["` + q + `"]}}}`,
		"plan.json": `{"schema":"edgenet.plan/1","hub":"` + q + `","base":"` + q + `","baseFile":"` + q + `","classesFile":"` + q +
			`","classes":[{"name":"` + q + `","proxy":"` + q + `"}],"moves":[{"device":"` + q + `","to":"` + q +
			`","tags":{"x":"` + q + `"}}],"deployments":[{"id":"` + q + `","hash":"` + q + `"}]}`,
		"plan.json.journal": entry + "\n", "edgeHub.log": secretLog(text), "check.json": secretCheck(text),
		"bundle.zip": secretBundle(t, text), "text": text, "manifest.json": manifestWith(q),
		"options.json": strings.Replace(manifestWith(q), `"createOptions":"`, `"createOptions01":"{`+strings.ReplaceAll(q, `\`, `\\`)+
			`}","createOptions":"`, 2),
		"root/etc/aziot/config.toml": "hostname = \"" + q + "\"\ntrust_bundle_cert = \"" + q +
			"\"\n[provisioning]\nsource = \"dps\"\nglobal_endpoint = \"" + q + "\"\nid_scope = \"" + q +
			"\"\n[provisioning.attestation]\nmethod = \"symmetric_key\"\nregistration_id = \"d\"\nsymmetric_key = { value = \"" + q +
			"\" }\n[agent.config]\nimage = \"" + q + "\"\n[agent.config.auth]\nserveraddress = \"" + q +
			"\"\nusername = \"u\"\npassword = \"" + q + "\"\n[agent.config.createOptions]\nEnv = [\"https_proxy=" + q + "\"]\n",
		"x509/etc/aziot/config.toml": "hostname = \"" + q + "\"\n[provisioning]\nsource = \"manual\"\niothub_hostname = \"" + q +
			"\"\ndevice_id = \"" + q + "\"\n[provisioning.authentication]\nmethod = \"x509\"\nidentity_cert = \"" + q +
			"\"\nidentity_pk = \"" + q + "\"\n",
		"layered.json": `{"modulesContent":{"$edgeAgent":{"properties.desired.modules.` + q + `":{"settings":{"image":"` + imageOf(q) + `"}}}}}`,
		"root/etc/aziot/edged/config.d/00-super.toml": "hostname = \"" + q + "\"\n[agent.env]\nhttps_proxy = \"" + q + "\"\n",
	}
}

// otherReaders are the command lines that read such files, and write all their formats.
func otherReaders(at func(string) string, out string) map[string][]string {
	files := func(endings ...string) (args []string) {
		for _, e := range endings {
			args = append(args, "-o", out+e)
		}
		return args
	}
	nobody := []string{"--hub", "x.azure-devices.net", "--connect-to", "x.azure-devices.net:443:127.0.0.1:1"}
	with := func(args []string, more ...string) []string { return append(args[:len(args):len(args)], more...) }
	all := map[string][]string{
		"ready": with([]string{"ready", "-v", "--root", at("root"), "--offline", "--manifest", at("manifest.json"), "--with",
			at("check.json")}, files(".txt", ".json", ".md", ".html", ".xml", ".csv", ".sarif")...),
		"ready of a bundle": with([]string{"ready", "-v", "--bundle", at("bundle.zip"), "--manifest", at("options.json")},
			files("b.json", "b.html")...),
		"logs":             with([]string{"logs", "-v", at("edgeHub.log")}, files(".txt", ".json", ".jsonl", ".md", ".html")...),
		"logs of a bundle": {"logs", "-v", "-f", "json", at("bundle.zip")},
		"logs of a text":   {"logs", at("text")},
		"show of a bundle": {"config", "show", "-f", "json", "--bundle", at("bundle.zip")},
		"show":             {"config", "show", "--root", at("root"), "--manifest", at("options.json")},
		"generate": {"config", "generate", "--root", at("root"), "--protocol", "AmqpWs", "--proxy", "http://proxy.test:3128",
			"--engine", "none", "--manifest", at("manifest.json")},
		"ready by x509":     with([]string{"ready", "-v", "--root", at("x509"), "--offline"}, files("x.json", "x.html")...),
		"endpoints by x509": {"endpoints", "--root", at("x509")},
		"show by x509":      {"config", "show", "--root", at("x509"), "-f", "json"},
		"endpoints layered": {"endpoints", "--hub", "x.azure-devices.net", "--root", at("none"), "--manifest", at("layered.json")},
		"lint layered":      {"manifest", "lint", at("layered.json"), "-f", "sarif"},
		"lint":              {"manifest", "lint", at("options.json"), "-f", "sarif"},
		"set":               {"manifest", "set", at("options.json"), "--protocol", "AmqpWs", "--no-proxy", "--diff"},
		"status":            with([]string{"fleet", "status", "--by", "site", "--from", at("twins.json")}, files("f.txt", "f.json", "f.csv", "f.md", "f.html", "f.prom")...),
		"status lines":      {"fleet", "status", "--from", at("rows.jsonl")},
		"devices":           {"fleet", "devices", "--from", at("twins.json"), "-f", "jsonl"},
		"devices csv":       {"fleet", "devices", "--from", at("rows.jsonl"), "-f", "csv"},
		"sum":               with([]string{"fleet", "sum", at("report.json"), at("history.jsonl")}, files("s.txt", "s.json", "s.csv", "s.md", "s.html", "s.prom")...),
		"apply":             with([]string{"fleet", "apply", at("plan.json"), "--yes"}, nobody...),
		"undo":              with([]string{"fleet", "undo", at("plan.json.journal")}, nobody...),
		"undo plan":         with([]string{"fleet", "undo", at("plan.json")}, nobody...),
		"token":             with([]string{"fleet", "status", "--token-file", at("text")}, nobody...),
		"policy":            {"fleet", "selftest", "--connection-string-file", at("text")},
		"policy of hub":     with([]string{"fleet", "devices", "--connection-string-file", at("text")}, nobody...),
		"history":           {"explain", at("history.jsonl"), "-v"},
		"history page":      {"explain", at("history.jsonl"), "-f", "html"},
		"page":              {"explain", at("report.json"), "-f", "html"},
		"diff":              {"diff", at("report.json"), at("history.jsonl"), "-f", "markdown"},
		"bundle":            with([]string{"bundle", "--root", at("root"), "-o", out + "support.zip"}, nobody...),
		"bundle root":       {"bundle", "--root", at("root"), "-o", out + "support2.zip"},
		"resume": {"check", "--targets", at("text"), "--resume", at("history.jsonl"), "-f", "jsonl", "--timeout", "40ms",
			"--deadline", "60ms", "--resolver", "127.0.0.1:1"},
	}
	for _, name := range []string{"classes.toml", "classes.json", "text"} {
		all["plan with "+name] = with([]string{"fleet", "plan", "--deployment", at("manifest.json"), "--classes", at(name), "-o",
			out + "plan.json"}, nobody...)
	}
	return all
}

// TestNoFileIsRepeatedElsewhere: as TestNoFileIsRepeated, for every command beside check, and
// for all that they write, archives too.
func TestNoFileIsRepeatedElsewhere(t *testing.T) {
	t.Parallel()
	s := newSecretRun(t)
	s.env = map[string]string{"EDGENET_HUB_TOKEN": "SharedAccessSignature sr=x&sig=" + planted + "&se=1"}
	for i, text := range spoilt {
		mine := filepath.Join(s.dir, "mine", strconv.Itoa(i))
		for name, content := range secretFiles(t, text) {
			file := filepath.Join(mine, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(s.dir, fmt.Sprintf("out%d", i))
		readers := otherReaders(func(name string) string { return filepath.Join(mine, name) }, out)
		for k, what := range slices.Sorted(maps.Keys(readers)) {
			if (i+k)%2 != 0 { // half of the pairs shows what all do, in half of the time
				continue
			}
			args := readers[what]
			s.do(fmt.Sprintf("%s, text %d", what, i), args...)
		}
	}
	s.sweep(filepath.Join(s.dir, "mine"))
}

// TestFleetRepeatsNoSecret: what strangers wrote into tags, twins and deployments, and what the
// hub says, is in nothing that the fleet's commands print or keep.
func TestFleetRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	for i, text := range spoilt {
		if i%2 != 0 && i != len(spoilt)-1 { // as above
			continue
		}
		w := newFleetWorld(t, 2)
		w.hub.Lock()
		for _, d := range w.hub.Devices {
			d.Tags["site"], d.Tags["edgenet"] = text, map[string]any{"class": text}
			d.Report["error"], d.Report["cause"], d.Report["configErrors"] = text, text, []any{text}
			d.Report["version"], d.Report["proxySource"] = text, text
		}
		w.hub.Configurations["other"] = &fakehub.Configuration{ID: "other", Condition: "tags.site='" + text + "'", Priority: 3}
		w.hub.Unlock()
		plan, reports := w.path("plan.json"), w.path("reports.jsonl")
		read := 0
		for _, args := range [][]string{
			{"status", "--by", "site", "-f", "json"}, {"status", "--by", "site", "-f", "html"}, {"devices", "-f", "jsonl"},
			{"devices", "-f", "csv"}, {"plan", "--deployment", w.path("base.json"), "--classes", w.path("classes.toml"), "-o", plan},
			{"check", "-o", reports}, {"apply", plan, "--yes", "--canary", "1", "--window", "1s"}, {"undo", plan + ".journal"},
			{"sum", reports},
		} {
			out, code := w.run(t, args...)
			if leaked(out) {
				t.Errorf("text %d, %v: the secret is shown (exit code %d):\n%s", i, args, code, out)
			}
			if code == exit.Good {
				read++
			}
		}
		if read < 4 {
			t.Errorf("text %d: only %d commands came to an end", i, read)
		}
		for _, name := range []string{plan, plan + ".journal", reports} {
			if b, err := os.ReadFile(name); err == nil && leaked(string(b)) {
				t.Errorf("text %d: %s holds the secret:\n%s", i, filepath.Base(name), b)
			}
		}
	}
}

// unzipped is what an archive holds, or the text itself.
func unzipped(text []byte) string {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return string(text)
	}
	var b strings.Builder
	for _, f := range z.File {
		b.WriteString(f.Name + "\n")
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&b, io.LimitReader(r, 16<<20))
			_ = r.Close()
		}
	}
	return b.String()
}
