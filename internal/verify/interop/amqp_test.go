//go:build interop && unix

package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func amqpEvidence(want func(*report.AMQPDetail) bool) func(report.Detail) error {
	return func(d report.Detail) error {
		a, ok := d.(*report.AMQPDetail)
		if !ok || !want(a) {
			return fmt.Errorf("not what this server says: %+v", d)
		}
		return nil
	}
}

func TestRhea(t *testing.T) {
	t.Parallel()
	greeted := ok(report.AMQP)
	greeted.Proof = report.StageAMQP
	greeted.Evidence = amqpEvidence(func(d *report.AMQPDetail) bool {
		return d.Reached == "open" && d.ContainerID == "rhea" && slices.Contains(d.Mechanisms, "ANONYMOUS")
	})
	check(t, "rhea", "AMQP 1.0 over TLS with SASL ANONYMOUS", direct(hub, node(t, "rhea-tls")), greeted)

	greeted.Protocol = report.AMQPWS
	check(t, "rhea", "AMQP 1.0 over WebSocket (sub-protocol AMQPWSB10)", direct(hub, node(t, "rhea-wss")), greeted)

	check(t, "rhea", "SASL PLAIN alone", direct(hub, node(t, "rhea-tls", "plain")),
		fails(report.AMQP, report.AMQPSASL, report.AMQPClosed, report.AMQPNotAMQP, report.AMQPError))

	refused := fails(report.AMQP, report.AMQPError, report.AMQPClosed, report.AMQPSASL)
	refused.Says = []string{"amqp:resource-limit-exceeded"}
	check(t, "rhea", "closes with an error", direct(hub, node(t, "rhea-tls", "refuse")), refused)
}

// rabbit starts RabbitMQ with plugins, its AMQP and its MQTT port with TLS.
func rabbit(t *testing.T, plugins string) (amqps, mqtts string) {
	t.Helper()
	const bin = "/usr/lib/rabbitmq/bin/rabbitmq-server"
	if _, err := os.Stat(bin); err != nil {
		blackbox.Miss(t, "rabbitmq-server is not installed (.ci/run installs it)")
	}
	blackbox.Need(t, "epmd")
	dir := openDir(t)
	chain, key := good(t)
	amqps, mqtts = testkit.NobodyAt(t), testkit.NobodyAt(t)
	mapper, dist := portOf(testkit.NobodyAt(t)), portOf(testkit.NobodyAt(t))
	config := fmt.Sprintf("listeners.tcp = none\nlisteners.ssl.1 = %s\nssl_options.certfile = "+
		"%s\nssl_options.keyfile = %s\nssl_options.verify = verify_none\n"+
		"loopback_users = none\nlog.console = true\nlog.file = false\n", amqps, chain, key)
	if plugins != "" {
		config += fmt.Sprintf("mqtt.allow_anonymous = false\nmqtt.listeners.tcp = none\nmqtt.listeners.ssl.1 = %s\n",
			mqtts)
	}
	write(t, filepath.Join(dir, "rabbitmq.conf"), config)
	write(t, filepath.Join(dir, "plugins"), "["+plugins+"].\n")
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8", "ERL_EPMD_PORT=" + mapper,
		"ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_DIST_PORT=" + dist,
		"RABBITMQ_NODENAME=edgenet" + portOf(amqps) + "@localhost", "RABBITMQ_MNESIA_BASE=" + dir,
		"RABBITMQ_LOG_BASE=" + dir, "RABBITMQ_LOGS=-",
		"RABBITMQ_PID_FILE=" + filepath.Join(dir, "pid"), "RABBITMQ_CONFIG_FILE=" + filepath.Join(dir, "rabbitmq.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + filepath.Join(dir, "plugins"), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1"}
	blackbox.Start(t, env, "epmd", "-port", mapper, "-address", "127.0.0.1").AwaitTCP(t, 10*time.Second,
		"127.0.0.1:"+mapper)
	wait := []string{amqps}
	if plugins != "" {
		wait = append(wait, mqtts)
	}
	blackbox.Start(t, env, bin).AwaitTCP(t, 90*time.Second, wait...)
	return amqps, mqtts
}

func TestRabbitMQ(t *testing.T) {
	t.Parallel()
	amqps, mqtts := rabbit(t, "rabbitmq_amqp1_0,rabbitmq_mqtt")
	greeted := ok(report.AMQP)
	greeted.Proof = report.StageAMQP
	greeted.Evidence = amqpEvidence(func(d *report.AMQPDetail) bool { return d.Reached == "open" })
	check(t, "rabbitmq-server", "AMQP 1.0 over TLS (plugin rabbitmq_amqp1_0)", direct(hub, amqps), greeted)
	check(t, "rabbitmq-server", "MQTT to the AMQP port", direct(hub, amqps), fails(report.MQTT, report.MQTTNotMQTT,
		report.MQTTClosed, report.MQTTRefused))

	refused := ok(report.MQTT)
	refused.Proof = report.StageMQTT
	refused.Evidence = returnCode(4, 5)
	check(t, "rabbitmq-server", "MQTT over TLS, CONNACK 4 or 5 for an unknown user (plugin rabbitmq_mqtt)",
		direct(hub, mqtts), refused)
}

// TestRabbitMQ091 meets a broker that speaks AMQP 0-9-1 alone.
func TestRabbitMQ091(t *testing.T) {
	t.Parallel()
	amqps, _ := rabbit(t, "")
	check(t, "rabbitmq-server", "AMQP 0-9-1 alone, without the plugin", direct(hub, amqps),
		fails(report.AMQP, report.AMQPVersion, report.AMQPNotAMQP, report.AMQPClosed))
}

// TestProton meets Qpid Proton, the library behind many brokers and SDKs.
func TestProton(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "/usr/bin/python3")
	if err := exec.Command("/usr/bin/python3", "-c", "import proton").Run(); err != nil {
		blackbox.Miss(t, "python3-qpid-proton is not installed")
	}
	server := func(options ...string) string {
		chain, key := good(t)
		address := testkit.NobodyAt(t)
		line := append([]string{"/usr/bin/python3", filepath.Join("testdata", "greeter.py"), portOf(address), chain, key},
			options...)
		blackbox.Start(t, nil, line...).AwaitTCP(t, 20*time.Second, address)
		return address
	}
	greeted := ok(report.AMQP)
	greeted.Proof = report.StageAMQP
	greeted.Evidence = amqpEvidence(func(d *report.AMQPDetail) bool {
		return d.Reached == "open" && slices.Contains(d.Mechanisms, "ANONYMOUS")
	})
	check(t, "qpid-proton", "AMQP 1.0 over TLS with SASL ANONYMOUS", direct(hub, server()), greeted)
	refused := fails(report.AMQP, report.AMQPError, report.AMQPClosed, report.AMQPSASL)
	refused.Says = []string{"amqp:resource-limit-exceeded"}
	check(t, "qpid-proton", "closes with an error", direct(hub, server("refuse")), refused)
}
