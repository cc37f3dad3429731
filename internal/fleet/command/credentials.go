package command

import (
	"cmp"
	"context"
	"net"
	"os/exec"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/iothub"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

// credentials finds the credentials in the documented order, and the hub's name.
func (o HubOptions) credentials(ctx context.Context, con *console.Console, known string) (
	service.Authorizer, string, error,
) {
	if o.TokenFile == "-" && o.ConnectionStringFile == "-" {
		return nil, "", exit.Usagef(
			"--token-file and --connection-string-file both want standard input: give one of them")
	}
	token, source, err := secretText(ctx, con, o.TokenFile, "--token-file", "EDGENET_HUB_TOKEN")
	if err != nil {
		return nil, "", err
	}
	if !token.IsZero() {
		auth, err := service.Fixed(token, source)
		if err != nil {
			return nil, "", exit.Usagef("%s: %w", source, err)
		}
		hub, err := hubName(cmp.Or(o.Host, known), "")
		return auth, hub, err
	}
	text, source, err := secretText(ctx, con, o.ConnectionStringFile, "--connection-string-file",
		"IOTHUB_CONNECTION_STRING")
	if err != nil {
		return nil, "", err
	}
	if text.IsZero() {
		hub, err := hubName(cmp.Or(o.Host, known), "")
		if err != nil {
			return nil, "", err
		}
		auth, err := entra(ctx, con)
		return auth, hub, err
	}
	return policy(text, source, o.Host)
}

// policy is a shared access policy, by its connection string.
func policy(text secret.Value, source, host string) (service.Authorizer, string, error) {
	c, err := iothub.ParseConnectionString(text.Reveal())
	if err != nil {
		return nil, "", exit.Usagef("%s: %w", source, err)
	}
	auth, err := service.Policy(c, source)
	if err != nil {
		return nil, "", exit.Usagef("%s: %w", source, err)
	}
	hub, err := hubName(host, c.HostName)
	return auth, hub, err
}

// secretText reads a secret from a file, else from a variable.
func secretText(ctx context.Context, con *console.Console, path, flag, variable string) (
	secret.Value, string, error,
) {
	if path == "" {
		return secret.New(strings.TrimSpace(con.Getenv(variable))), variable, nil
	}
	raw, err := con.Read(ctx, path)
	if err != nil {
		return secret.Value{}, flag, exit.Inputf("%s: %w", flag, err)
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff"))
	if text == "" {
		return secret.Value{}, flag, exit.Inputf("%s %s: it is empty", flag, secret.Name(path, 200))
	}
	return secret.New(text), flag, nil
}

// hubName is the hub's name, by the flag or by the connection string.
func hubName(flag, given string) (string, error) {
	flag = strings.ToLower(strings.TrimSpace(flag))
	host, _, err := net.SplitHostPort(flag)
	if err != nil {
		host = flag
	}
	switch {
	case flag == "" && given == "":
		return "", exit.Usagef("which hub? Give --hub HOST, such as --hub contoso.azure-devices.net, " +
			"or --from FILE with what az iot hub query printed")
	case flag == "":
		return strings.ToLower(given), nil
	case strings.ContainsAny(flag, "/@; ") || host == "":
		return "", exit.Usagef("--hub %q: expected the host name alone, such as contoso.azure-devices.net",
			secret.Name(flag, 80))
	case given != "" && !strings.EqualFold(host, given):
		return "", exit.Usagef("--hub %s and the connection string's HostName %s differ: give one of them",
			secret.Name(flag, 80), secret.Name(given, 80))
	}
	return flag, nil
}

// entra is the machine's managed identity, else az.
func entra(ctx context.Context, con *console.Console) (service.Authorizer, error) {
	identity := service.ManagedIdentity(con.Getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
		con.Getenv("AZURE_CLIENT_ID"))
	_, err := identity.Authorization(ctx)
	if err == nil {
		return identity, nil
	}
	if ctx.Err() != nil {
		return nil, exit.CodeError(exit.Interrupted)
	}
	az, missing := exec.LookPath("az")
	if missing != nil {
		return nil, exit.Usagef("no credentials: --token-file and --connection-string-file are not given, "+
			"EDGENET_HUB_TOKEN and IOTHUB_CONNECTION_STRING are not set, %s, and az is not on the PATH. "+
			"Without any right on the hub: --from FILE", strings.TrimSuffix(err.Error(), "."))
	}
	cli := service.CLI(az)
	if _, err := cli.Authorization(ctx); err != nil {
		return nil, hubError(err)
	}
	return cli, nil
}
