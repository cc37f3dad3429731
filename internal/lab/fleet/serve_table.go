package fleet

import (
	"net/http"

	"edgenet/internal/lab/hub"
)

// find is which call a method and a path are.
func find(method string, parts []string) (endpoint, error) {
	for _, row := range endpoints {
		if fits(row.path, parts) {
			if e, ok := row.methods[method]; ok {
				return e, nil
			}
			return endpoint{}, &hub.StatusError{Status: 405, Code: "MethodNotAllowed",
				Message: "The requested resource does not support http method '" + method + "'."}
		}
	}
	return endpoint{}, notHere()
}

// fits holds a path against a pattern; "" stands for any segment.
func fits(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}
	for i, p := range pattern {
		if p != "" && p != parts[i] {
			return false
		}
	}
	return true
}

type endpointRow struct {
	path    []string
	methods map[string]endpoint
}

var twinMethods = map[string]endpoint{
	http.MethodGet:   {hub.ServiceConnect, CallTwinRead, false, true, (*Fleet).getTwin},
	http.MethodPatch: {hub.ServiceConnect, CallTwinWrite, true, true, (*Fleet).setTwin},
	http.MethodPut:   {hub.ServiceConnect, CallTwinWrite, true, true, (*Fleet).setTwin},
}

var callMethods = map[string]endpoint{http.MethodPost: {hub.ServiceConnect, CallMethod, false, true,
	(*Fleet).postMethod}}

var jobMethods = map[string]endpoint{
	http.MethodGet: {hub.ServiceConnect, CallJob, false, true, (*Fleet).getJob},
	http.MethodPut: {hub.ServiceConnect, CallJob, true, true, (*Fleet).scheduleJob},
}

func get(right hub.Right, kind string, serve func(*Fleet, *request) error) map[string]endpoint {
	return map[string]endpoint{http.MethodGet: {right, kind, false, false, serve}}
}

// endpoints is the service API, the more exact paths first.
var endpoints = []endpointRow{
	{[]string{"devices", "query"}, map[string]endpoint{http.MethodPost: {hub.ServiceConnect, CallQuery, false, true,
		(*Fleet).postQuery}}},
	{[]string{"twins", ""}, twinMethods},
	{[]string{"twins", "", "modules", ""}, twinMethods},
	{[]string{"twins", "", "methods"}, callMethods},
	{[]string{"twins", "", "modules", "", "methods"}, callMethods},
	{[]string{"configurations", "testQueries"},
		map[string]endpoint{http.MethodPost: {hub.RegistryRead, CallConfiguration, false, true,
			(*Fleet).postTestQueries}}},
	{[]string{"configurations"}, map[string]endpoint{http.MethodGet: {hub.RegistryRead, CallConfiguration, false, true,
		(*Fleet).listConfigurations}}},
	{[]string{"configurations", ""}, map[string]endpoint{
		http.MethodGet:    {hub.RegistryRead, CallConfiguration, false, true, (*Fleet).getConfiguration},
		http.MethodPut:    {hub.RegistryWrite, CallConfiguration, true, true, (*Fleet).writeConfiguration},
		http.MethodDelete: {hub.RegistryWrite, CallConfiguration, true, true, (*Fleet).removeConfiguration},
	}},
	{[]string{"devices", "", "applyConfigurationContent"},
		map[string]endpoint{http.MethodPost: {hub.RegistryWrite, CallConfiguration, true, true, (*Fleet).postContent}}},
	{[]string{"jobs", "v2", "query"}, map[string]endpoint{
		http.MethodGet: {hub.ServiceConnect, CallJob, false, true, (*Fleet).queryJobs},
	}},
	{[]string{"jobs", "v2", ""}, jobMethods},
	{[]string{"jobs", "v2", "", "cancel"},
		map[string]endpoint{http.MethodPost: {hub.ServiceConnect, CallJob, true, true,
			(*Fleet).postCancel}}},
	{[]string{"statistics", "devices"}, get(hub.RegistryRead, CallRegistry, (*Fleet).deviceStatistics)},
	{[]string{"statistics", "service"}, get(hub.ServiceConnect, CallRegistry, (*Fleet).serviceStatistics)},
	{[]string{"devices"}, get(hub.RegistryRead, CallRegistry, (*Fleet).listDevices)},
	{[]string{"devices", ""}, get(hub.RegistryRead, CallRegistry, (*Fleet).getDevice)},
	{[]string{"devices", "", "modules"}, get(hub.RegistryRead, CallRegistry, (*Fleet).listModules)},
	{[]string{"devices", "", "modules", ""}, get(hub.RegistryRead, CallRegistry, (*Fleet).getModule)},
	{[]string{"lab", "fleet"}, map[string]endpoint{
		http.MethodGet:  {hub.ServiceConnect, "", false, false, (*Fleet).getLab},
		http.MethodPost: {hub.ServiceConnect, "", false, false, (*Fleet).postLab},
	}},
}
