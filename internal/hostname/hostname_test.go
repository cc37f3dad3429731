package hostname

import (
	"strings"
	"testing"
)

func TestGood(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"contoso.azure-devices.net":             "contoso.azure-devices.net",
		"Contoso.Azure-Devices.NET":             "Contoso.Azure-Devices.NET",
		"contoso.azure-devices.net.":            "contoso.azure-devices.net",
		"\ufeffcontoso.azure-devices.net":       "contoso.azure-devices.net",
		" contoso.azure-devices.us\t":           "contoso.azure-devices.us",
		"contoso.azure-devices.cn":              "contoso.azure-devices.cn",
		"contoso.privatelink.azure-devices.net": "contoso.privatelink.azure-devices.net",
		"contoso.device.azure-devices.net":      "contoso.device.azure-devices.net",
		"global.azure-devices-provisioning.net": "global.azure-devices-provisioning.net",
		"lab.azure-devices.test":                "lab.azure-devices.test", "gw-17.plant.corp": "gw-17.plant.corp",
		"h.test":   "h.test",
		"a_b.corp": "a_b.corp", "gateway.": "gateway", "localhost": "localhost",
		"192.0.2.7": "192.0.2.7", "2001:db8::1": "2001:db8::1", "fe80::1%eth0": "fe80::1%eth0",
		"bücher.example": "xn--bcher-kva.example", "例え.jp": "xn--r8jz45g.jp",
		"пример.рф": "xn--e1afmkfd.xn--p1ai", "gw.azure-devices.local": "gw.azure-devices.local",
		"edge.azure.example": "edge.azure.example", "contoso.azure-devices.com.": "contoso.azure-devices.com",
	} {
		if got, err := Read(in); got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestCharacters: what nobody can see is named, with its place.
func TestCharacters(t *testing.T) {
	t.Parallel()
	const host = "contoso.azure-devices.net"
	for bad, want := range map[string]string{
		"\u200b": "character 8 is U+200B (zero width space), which no host name has",
		"\u00a0": "U+00A0 (no-break space)", "\u2010": "U+2010 (hyphen)", "\ufeff": "U+FEFF (byte order mark)",
		"\u00ad": "U+00AD (soft hyphen)", "\u202e": "U+202E (right-to-left override)", "\u2060": "U+2060 (word joiner)",
		"\r": "U+000D (carriage return)", "\n": "U+000A (line feed)",
		"\x00": "U+0000 (a zero byte)", "\x1b[31m": "U+001B (escape)", "\x7f": "U+007F (delete)",
		"\u0085": "U+0085 (a control character)", "\u3000": "U+3000 (ideographic space)",
		"\u2003": "U+2003 (a kind of space)", "\ufe0f": "U+FE0F (an invisible character)",
		"\u3164": "U+3164 (an invisible character)", "\u2800": "U+2800 (an invisible character)",
		"\U000e0041": "U+E0041 (an invisible character)",
		"\u0430":     "U+0430 (a Cyrillic letter), which only looks like \"a\"",
		"\u03bf":     "U+03BF (a Greek letter), which only looks like \"o\"",
		"\uff4f":     "U+FF4F (a full-width character), which only looks like \"o\"",
		"ö":          "U+00F6 (a letter that is not ASCII)", "\xff": "byte 0xFF, not UTF-8", " ": "U+0020 (space)",
		"*": "character 8 is \"*\"",
		",": "character 8 is \",\"", "'": "is \"'\"", "\u2019": "right quotation mark",
		"😀": "U+1F600 (a character that is not ASCII)", "。": "ideographic full stop", "\u2212": "minus sign",
		"\u0131": "only looks like \"i\"",
	} {
		for _, read := range []func(string) (string, error){Read, Valid} {
			if _, err := read(host[:7] + bad + host[7:]); err == nil || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), "character 8 ") {
				t.Errorf("%q: %v, want %q", bad, err, want)
			}
		}
		if err := Characters("proxy" + bad + ".corp"); err == nil && bad != "ö" {
			t.Errorf("%q in a proxy's name: let through", bad)
		}
	}
	for _, mixed := range []string{"c\u043entoso.example.com", "р\u0430ypal.com", "\u0441\u043e\u0440.example",
		"c\u043entoso.münchen.de"} {
		if _, err := Read(mixed); err == nil || !strings.Contains(err.Error(), "only looks like") {
			t.Errorf("%q: %v", mixed, err)
		}
	}
}

func TestSlips(t *testing.T) {
	t.Parallel()
	const meant = "did you mean contoso.azure-devices.net?"
	for in, want := range map[string]string{
		"contoso": meant, "contoso.azure-device.net": meant, "contoso.azuredevices.net": meant,
		"contoso.azure-devises.net": meant, "contoso.azure-devices.ne": meant,
		"contoso.azure-devices.nett": meant, "contoso.azure.devices.net": meant, "contoso-azure-devices.net": meant,
		"contosoazure-devices.net": meant, "contoso.azure-devices": meant,
		"contoso.azure-devices.com": meant, "contoso.azure-devices.org": meant, "contoso.azrue-devices.net": meant,
		"contoso.azure_devices.net": meant, "CONTOSO.AZURE-DEVICE.NET": meant,
		"contoso.azure-device.us":            "did you mean contoso.azure-devices.us?",
		"contoso.azure-device.cn":            "did you mean contoso.azure-devices.cn?",
		"x.azure-devices-provisionin.net":    "did you mean x.azure-devices-provisioning.net?",
		"https://contoso.azure-devices.net/": meant, "amqps://contoso.azure-devices.net:5671": meant,
		"contoso.azure-devices.net:5671": meant, "contoso.azure-devices.net/devices": meant,
		"HostName=contoso.azure-devices.net;DeviceId=d;SharedAccessKey=c2VjcmV0": meant,
		"azure-devices.net": "this is what the names of all hubs end in",
		"azure-devlces.net": "this is what the names of all hubs end in", "www.contoso.azure-devices.net": meant,
		"contoso_x.azure-devices.net": "did you mean contoso-x.azure-devices.net?",
		"":                            "is empty", "a..b": "labels of 1 to 63", "-a.b": "hyphen", "a.b-": "hyphen",
		"300.1.1.1": "no IP address",
		"1.2.3":     "no IP address", strings.Repeat("a", 64) + ".b": "1 to 63", strings.Repeat("a.", 130) + "b": "253",
	} {
		if _, err := Read(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

// TestNothingSecretIsRepeated: whatever is pasted where a name belongs.
func TestNothingSecretIsRepeated(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"HostName=contoso.azure-devices.net;DeviceId=d;SharedAccessKey=S3cretS3cret=",
		"hostname=contoso;sharedaccesskey=S3cret", "SharedAccessKey=S3cret", "http://user:S3cret@proxy.corp:3128",
		"user:S3cret@contoso.azure-devices.net", "http://user:S3/cret@proxy.corp", "user%3AS3cret%40proxy.corp",
		"SharedAccessSignature sr=a&sig=S3cret&se=1", "http://user:S3cret%40proxy.corp",
		"contoso.azure-devices.net;S3cret", "contoso.azure-devices.net S3cret", "contoso.azure-devices.net?sig=S3cret",
		"https://contoso.azure-devices.net/?sig=S3cret", "proxy.corp:S3cret",
		"user：S3cret＠proxy.corp", "HostName=S3cret\u200b.azure-devices.net;SharedAccessKey=x",
	} {
		_, err := Read(in)
		if err == nil {
			t.Errorf("%q: let through", in)
		} else if strings.Contains(err.Error(), "S3") || strings.Contains(err.Error(), "pa/") ||
			strings.Contains(err.Error(), "user") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// TestFilesMayNameShortHosts: a slip is a person's.
func TestFilesMayNameShortHosts(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"gateway", "contoso.azure-device.net"} {
		if got, err := Valid(in); got != in || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"contoso", "c\u043entoso.azure-devices.net", "HostName=a;SharedAccessKey=b",
		"http://u:p@h:1", "xn--a.b", "a.b.", "::1", "::%.", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, err := Read(s)
		if err != nil {
			for _, r := range err.Error() {
				if r < ' ' {
					t.Fatalf("%q: %q", s, err)
				}
			}
			return
		}
		for _, r := range host {
			if r <= ' ' || r >= 0x7f {
				t.Fatalf("%q gives %q", s, host)
			}
		}
		if again, err := Valid(host); err != nil || again != host {
			t.Fatalf("%q gives %q, and that gives %q, %v", s, host, again, err)
		}
	})
}
