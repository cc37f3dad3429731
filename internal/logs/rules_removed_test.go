package logs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// removed are the rules that keep a reader out of each trap: where one is taken out, as told here, TestTraps has to
// fail at the case that is named.
var removed = []struct{ trap, file, rule, instead string }{
	{"01-", "rules_state.go", "if who != pattern.Agent && who != pattern.Hub && !s.bad(who) {", "if true {"},
	{"02-", "story/blame.go", "t.blame(span, t.reasons(e))\n", "\n"},
	{"03-", "scene.go", "case st.Ever() || last.State == story.Lost:", "case true:"},
	{"03b-", "pattern/rows_hub.go", "Prefix: \"Exiting disconnected state\", Kind: Recovered",
		"Prefix: \"Exiting disconnected state\", Kind: Lost"},
	{"04-", "pattern/rows_hub.go", "Prefix: \"Entering unreachable state\", Kind: Suspect",
		"Prefix: \"Entering unreachable state\", Kind: Lost"},
	{"04b-", "pattern/rows_hub.go", "Prefix: \"Entering disconnected state\", Kind: Lost",
		"Prefix: \"Entering disconnected state\", Kind: Noise"},
	{"05-", "pattern/rows_daemon.go", "{ID: \"identityd.http-error\", On: Identityd,",
		"{ID: \"identityd.http-error\", On: Identityd | Edged,"},
	{"05b-", "pattern/rows_daemon.go", "{ID: \"identityd.http-error\", On: Identityd,",
		"{ID: \"identityd.http-error\", On: Keyd,"},
	{"05c-", "pattern/chain.go", "local && !row.never && !row.void", "false"},
	{"06-", "story/tell.go", "case \"identityd.reconcile-skipped\", \"identityd.reconcile-skipped2\":",
		"case \"identityd.none\":"},
	{"06b-", "pattern/rows_daemon.go", "Prefix: \"Provisioning complete\", Kind: Fact, Role: RoleLocal",
		"Prefix: \"Provisioning complete\", Kind: Connected, Role: RoleHTTPS"},
	{"07-", "story/blame.go", "case p == report.AMQP || p == report.MQTT:", "case false:"},
	{"07b-", "story/blame.go", "case t.s.Proxy != \"\":", "case false:"},
	{"07c-", "story/blame.go", "if f.Hop == \"\" {", "if false {"},
	{"08-", "pattern/rows_agent.go", "Prefix: \"Empty edge agent config was received.\", Kind: Consequence",
		"Prefix: \"Empty edge agent config was received.\", Kind: Lost"},
	{"09-", "pattern/errors_net.go", "fail: Failure{Cause: report.TCPTimeout, Certainty: Suggests}},\n\t{id: " +
		"\"tcp.unreachable\", of: fromNET", "fail: Failure{Cause: report.TCPTimeout, Certainty: Proves}},\n\t{id: " +
		"\"tcp.unreachable\", of: fromNET"},
	{"10-", "pattern/errors_net.go", "\"rejected by the provided RemoteCertificateValidationCallback\"}, fail: " +
		"Failure{Candidates: certificate,\n\t\tCertainty: Narrows}}",
		"\"rejected by the provided RemoteCertificateValidationCallback\"}, fail: " +
			"Failure{Cause: report.TLSUntrusted, Certainty: Proves}}"},
	{"11-", "pattern/chain.go", "for i := len(b.segments) - 1; i >= 0; i-- {",
		"for i := 0; i < min(1, len(b.segments)); i++ {"},
	{"11b-", "pattern/errors_daemon.go", "{id: \"reason-lost\", of: fromRust, any: []string{\"client error " +
		"(Connect)\", \"error trying to connect\"},\n\t\tfail: Failure{Candidates: anyConnect, Certainty: Narrows}},",
		"{id: \"reason-lost\", of: fromRust, any: []string{\"client error (Connect)\"},\n\t\tfail: " +
			"Failure{Cause: report.TCPRefused, Certainty: Proves}},"},
	{"12-", "redact/redact.go", "s = userinfo(s)\n", "\n"},
	{"13-", "pattern/rows_daemon.go", "{ID: \"identityd.answer\", On: aziot, Prefix: \"--> \", Kind: Noise",
		"{ID: \"identityd.answer\", On: aziot, Prefix: \"--> \", Kind: Lost"},
	{"14-", "pattern/rows_agent.go", "Prefix: \"Termination requested, initiating shutdown.\", Kind: Stop",
		"Prefix: \"Termination requested, initiating shutdown.\", Kind: Lost"},
	{"15-", "story/tell.go", "case \"agent.status\":", "case \"agent.none\":"},
	{"16-", "story/blame.go", "t.skipped = t.skipped || e.Row.ID == \"identityd.dps-offline\"",
		"t.skipped = t.skipped || false"},
	{"17-", "story/blame.go", "t.eitherAnswered(&f, p)\n", "\n"},
	{"18-", "answer.go", "if s.up(e.Who) && deviceFault(e) == nil {", "if false {"},
	{"19-", "pattern/errors_device.go", "any: []string{\"/run/containerd/s/\"}", "any: []string{\"none\"}"},
	{"20-", "pattern/errors_device.go", "any: []string{\"(os error \"}, under: \"Key client error\"",
		"any: []string{\"none\"}, under: \"Key client error\""},
	{"20b-", "pattern/chain.go", "|| near.under(\"Key client error\")", ""},
}

// TestRulesRemoved holds the list to the code: each rule stands there once, and each trap has one. With
// EDGENET_LOGS_RULES=all, or the name of one, in the environment it takes the rule out of a copy that only the compiler
// sees, and wants the trap's case to fail.
func TestRulesRemoved(t *testing.T) {
	t.Parallel()
	traps, _ := filepath.Glob("testdata/traps/*.txtar")
	for _, name := range traps {
		found := false
		for _, r := range removed {
			found = found || strings.HasPrefix(filepath.Base(name), r.trap)
		}
		if !found {
			t.Errorf("%s has no rule in the list", name)
		}
	}
	for _, r := range removed {
		code, err := os.ReadFile(r.file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(code), r.rule); n != 1 {
			t.Errorf("trap %s: %q stands %d times in %s", r.trap, r.rule, n, r.file)
			continue
		}
		if one := os.Getenv("EDGENET_LOGS_RULES"); one == "all" || one == r.trap {
			without(t, r.trap, r.file, strings.Replace(string(code), r.rule, r.instead, 1))
		}
	}
}

// without runs the trap's case on the code that lacks its rule.
func without(t *testing.T, trap, file, code string) {
	dir := t.TempDir()
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{abs: changed}})
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-count=1", "-overlay", filepath.Join(dir, "overlay.json"), "-run",
		"^TestTraps$", ".").CombinedOutput()
	switch text := string(out); {
	case err == nil:
		t.Errorf("trap %s is not fallen into without %s's rule", trap, file)
	case !strings.Contains(text, "--- FAIL: TestTraps/"+trap):
		t.Errorf("trap %s: another case fails, or nothing was built: %.600s", trap, text)
	default:
		t.Logf("trap %s: fails without its rule (%s)", trap, file)
	}
}
