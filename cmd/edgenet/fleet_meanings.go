package main

// fleetExits is what the exit codes of a fleet command mean; nil of all other commands.
func fleetExits(path string) []meaning {
	usage := meaning{"2", "wrong usage, or input that cannot be read: nothing was asked"}
	output := meaning{"4", "the answer is good, and an output could not be written"}
	stopped := meaning{"130", "interrupted"}
	switch path {
	case "edgenet fleet status":
		return []meaning{
			{"0", "counted, whatever the numbers"},
			{"1", "the hub refused, or cannot be reached"},
			usage, output,
			{"130", "interrupted; with --from, what was counted is printed"},
		}
	case "edgenet fleet devices":
		return []meaning{{"0", "the list is printed"}, {"1", "the hub refused, or cannot be reached"}, usage,
			output, stopped}
	case "edgenet fleet check":
		return []meaning{
			{"0", "all devices answered"}, {"1", "some did not, or the hub refused"}, usage, output,
			{"130", "interrupted: the same command goes on with -o"},
		}
	case "edgenet fleet plan":
		return []meaning{{"0", "planned"}, {"1", "something was refused, or the hub refused"}, usage, output, stopped}
	case "edgenet fleet apply":
		return []meaning{
			{"0", "all moved and came back"},
			{"1", "stopped, or the hub refused: what stands in the journal was written"},
			{"2", "wrong usage, or input that cannot be read, or the answer was no: nothing was written"},
			output,
			{"130", "interrupted: the same command goes on"},
		}
	case "edgenet fleet undo":
		return []meaning{
			{"0", "all is as before"}, {"1", "something was left, or the hub refused"}, usage, output,
			{"130", "interrupted: the same command goes on"},
		}
	case "edgenet fleet sum":
		return []meaning{
			{"0", "added up"}, {"1", "some devices have no way out"},
			{"2", "wrong usage, nothing could be read, or a file of the command line could not"}, output, stopped,
		}
	case "edgenet fleet selftest":
		return []meaning{{"0", "the reading commands work"}, {"1", "they do not"}, usage, output, stopped}
	}
	return nil
}

// fleetVariables are those of the environment by which the hub is reached.
func fleetVariables(path string) []meaning {
	if fleetExits(path) == nil || path == "edgenet fleet sum" {
		return nil
	}
	return []meaning{
		{"EDGENET_HUB_TOKEN", "a token for the hub, in place of --token-file"},
		{"IOTHUB_CONNECTION_STRING", "a policy's connection string, in place of --connection-string-file"},
		{"AZURE_CLIENT_ID, AZURE_POD_IDENTITY_AUTHORITY_HOST", "which managed identity, and where it is asked for"},
		{"HTTPS_PROXY, NO_PROXY", "this machine's own way to the hub, unless --connect-to is given"},
	}
}
