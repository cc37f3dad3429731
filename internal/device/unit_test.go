package device

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// vars is what a [Service] section with these lines sets.
func vars(lines string) (got []string, lost []string) {
	env := unitEnv{specifiers: specifiers("x")}
	_ = env.read("x.service", "[Unit]\nEnvironment=no=1\n[Service]\n"+lines) // as far as it goes
	for _, v := range env.vars {
		if v.lost == "" {
			got = append(got, v.name+"="+v.value)
		} else {
			lost = append(lost, v.name)
		}
	}
	return got, lost
}

// TestEnvironment: the cases were tried with systemd 252 (systemd --test prints what it
// reads); internal/generate/interop does so again.
func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		lines string
		want  []string
		lost  []string
	}{
		{`Environment=A=1`, []string{"A=1"}, nil},
		{`Environment="A=1 2" B=3`, []string{"A=1 2", "B=3"}, nil},
		{`Environment='A="1"' B=x"y z"w`, []string{`A="1"`, "B=xy zw"}, nil},
		{`Environment=A=a\x20b\tc\\d`, []string{"A=a b\tc\\d"}, nil},
		{`Environment=A=\101\u00e9`, []string{"A=Aé"}, nil},
		{"Environment=A=1 \\\n  # a comment\n  B=2\n", []string{"A=1", "B=2"}, nil},
		{"# Environment=A=1\n; Environment=A=2\n  Environment = A=3", []string{"A=3"}, nil},
		{`Environment=A=%%40 B=%n C=50% D=%-x`, []string{"A=%40", "B=x.service", "C=50%", "D=%-x"}, nil},
		{`Environment=A=%40 B=2`, []string{"B=2"}, []string{"A"}},
		{`Environment=BAD A=1`, []string{"A=1"}, nil},
		{`Environment=1A=1 A=1`, []string{"A=1"}, []string{"1A"}},
		{`Environment="A=1`, nil, nil},
		{`Environment=A=1 B=\q`, []string{"A=1"}, nil},
		{"Environment=A=1\nEnvironment=\nEnvironment=B=2", []string{"B=2"}, []string{"A"}},
		{"Environment=A=1\u00a0\nEnvironment\u00a0=A=2", []string{"A=1\u00a0"}, nil},
		{"Environment=B=\\xe9", nil, []string{"B"}},
		{"Environment=A=1\nEnvironment=B=\xe9\nEnvironment=C=2", []string{"A=1"}, nil},
		{"\ufeffEnvironment=A=1\n\ufeffEnvironment=A=2", []string{"A=1"}, nil},
		{"Environment=A=1\r[Service]\rEnvironment=B=2\r\nEnvironment=C=3\x00Environment=D=4",
			[]string{"A=1", "B=2", "C=3", "D=4"}, nil},
		{"Environment=A=1\n[Service\nEnvironment=B=2", []string{"A=1"}, nil},
		{`Environment=https_proxy="http://u:p%zz@h" \q`, nil, []string{"https_proxy", "https_proxy"}},
	} {
		got, lost := vars(tt.lines)
		if !reflect.DeepEqual(got, tt.want) || !reflect.DeepEqual(lost, tt.lost) {
			t.Errorf("%q: got %q, lost %q, want %q, %q", tt.lines, got, lost, tt.want, tt.lost)
		}
	}
}

// TestEnvFile: systemd's own test cases of parse_env_file, and what proxy URLs hold.
func TestEnvFile(t *testing.T) {
	for text, want := range map[string]string{
		"a=a\nb=b\n":                         "a=a b=b",
		"a=\"a\"\n  b= b \nc='c d'":          "a=a b=b c=c d",
		"#a=1\n;b=1\n\nnothing\nc=1":         "c=1",
		"a=\"x\\\"y\\$z\\q\"":                "a=x\"y$z\\q",
		"a=x\\\ny":                           "a=xy",
		"a=http://u:p#w@h":                   "a=http://u:p#w@h",
		"a='it''s'":                          "a=its",
		"a=\"x\ny\"":                         "a=x\ny",
		"a=1\r\nb=2\r\n":                     "a=1 b=2",
		"https_proxy=http://u:p%40=%25@h:1 ": "https_proxy=http://u:p%40=%25@h:1",
		"a b=1\nc":                           "",
		"a=\\\"q":                            "a=\"q",
	} {
		var got []string
		for _, v := range parseEnvFile("f", text) {
			got = append(got, v.name+"="+v.value)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: got %q, want %q", text, s, want)
		}
	}
	if v := parseEnvFile("f", "#\n\na=1\n"); len(v) != 1 || v[0].line != 3 {
		t.Errorf("got %+v", v)
	}
}

// TestManager: the environment of all services is the weakest.
func TestManager(t *testing.T) {
	env := unitEnv{specifiers: specifiers("x")}
	env.read("system.conf", "[Manager]\nDefaultEnvironment=\"A=1\" B=2\nEnvironment=C=3\n")
	env.read("x.service", "[Service]\nEnvironment=A=4\nEnvironmentFile=-/etc/%p.env\n")
	if got := fmt.Sprint(env.vars,
		env.files); got != "[{A 1 system.conf 2   } {B 2 system.conf 2   } {A 4 x.service 2   }] [{/etc/x.env "+
		"x.service 3 true}]" {
		t.Error(got)
	}
}

func TestDropInDirs(t *testing.T) {
	if got := fmt.Sprint(dropInDirs("aziot-identityd.service")); got != "[aziot-identityd.service.d aziot-.service.d "+
		"service.d]" {
		t.Error(got)
	}
}

func TestTOMLLines(t *testing.T) {
	e, err := parseTOML("f", ConfigTOML,
		[]byte("a = 1\n[agent]\nname = \"x\"\nenv = { UpstreamProtocol = \"Amqp\" "+
			"}\n\n[agent.\"config\"]\nimage=\"i\"\n[moby_runtime]\nx.y = true\n[[list]]\nb = 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]entry{"a": {"1", 1, kindNumber}, "agent.name": {"x", 3, kindString},
		"agent.env.UpstreamProtocol": {"Amqp", 4, kindString},
		"agent.config.image":         {"i", 7, kindString}, "moby_runtime.x.y": {"true", 9, kindNumber}, "list": {"",
			10,
			kindTable}} {
		if e[key] != want {
			t.Errorf("%s: got %+v, want %+v", key, e[key], want)
		}
	}
}

// TestHarmless: a parser's reason quotes nothing of the file.
func TestHarmless(t *testing.T) {
	const key = "c2VjcmV0c2VjcmV0"
	for _, text := range []string{
		"connection_string = HostName=h;SharedAccessKey=" + key, "x = \"SharedAccessKey=" + key + "\n", "[" + key +
			"\n", key + "\n", "x = " + key + " y", "x = \"\\" + key + "\"", "x=1\nx=2\n[" + key + "]\n[" + key + "]",
	} {
		_, err := parseTOML("/f", ConfigTOML, []byte(text))
		if err == nil || strings.Contains(err.Error(), key) || !strings.HasPrefix(err.Error(), "/f:") {
			t.Errorf("TOML %q: %v", text, err)
		}
	}
	for _, text := range []string{"a: [" + key, "a: \"" + key, key + ": 1\n" + key + ": 2", "a: {" + key, "\t" + key +
		": 1", "- " + key + "\na: b", "%" + key} {
		if _, err := parseYAML("/f", ConfigYAML, []byte(text)); err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("YAML %q: %v", text, err)
		}
	}
}

func FuzzUnit(f *testing.F) {
	for _, s := range []string{"Environment=A=\"b c\" 'd' \\x41 %n %%", "EnvironmentFile=-/x*",
		"Environment=\\\n#\nA=1\\", "Environment=A=\\U0010FFFF\\777"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		env := unitEnv{specifiers: specifiers("x")}
		_ = env.read("f", "[Service]\n"+text) // as far as it goes
		for _, v := range append(env.vars, parseEnvFile("f", text)...) {
			if v.line < 1 || v.line > strings.Count(text, "\n")+2 {
				t.Fatalf("line %d", v.line)
			}
		}
	})
}

func FuzzFiles(f *testing.F) {
	f.Add("[agent.env]\nUpstreamProtocol = \"Amqp\"\n")
	f.Add("agent:\n  env: {\"UpstreamProtocol\": \"Amqp\"}\n")
	f.Add("{\"proxies\": {\"https-proxy\": \"http://p:1\"}}")
	f.Add("a: &x [*x]\nb: {<<: *x}\n? k\n: v")
	f.Fuzz(func(_ *testing.T, text string) {
		d := &Device{}
		d.readTOML("/f", ConfigTOML, []byte(text))
		d.readDaemonJSON("/f", []byte(text))
		d.Old = true
		d.readYAML("/f", []byte(text), "")
		d.judge()
	})
}

// TestNoRoot: what cannot be read is said, and the rest is there.
func TestNothing(t *testing.T) {
	d := Read(context.Background(), Options{Root: t.TempDir()})
	if len(d.Settings) != 0 || len(d.Broken) != 0 || len(d.Unread) != 0 || d.Configured {
		t.Errorf("got %+v", d)
	}
	if _, ok := d.Upstream(); ok {
		t.Error("an upstream host out of nothing")
	}
}

// TestWhatCannotBeToldIsNotMissing: a directory that leads in a circle is to be looked at,
// so that somebody says so; one that is not there is passed over.
func TestWhatCannotBeToldIsNotMissing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for link, to := range map[string]string{"circle": "circle", "nowhere": "gone"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	for name, want := range map[string]bool{"/circle": false, "/nowhere": true, "/gone": true, "/": false} {
		if got := (tree{root}).missing(name); got != want {
			t.Errorf("%s is missing: %v", name, got)
		}
	}
}
