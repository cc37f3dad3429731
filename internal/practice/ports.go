package practice

import "slices"

// Port is one on which a debugger listens.
type Port struct {
	Number           int
	Debugger, Source string
}

// DebugPorts are those of the debuggers that module templates and their instructions open.
func DebugPorts() []Port {
	const templates = "IoT Edge module templates of Visual Studio Code"
	return []Port{
		{5678, "debugpy, for Python", templates},
		{9229, "the inspector of Node.js", templates},
		{5005, "JDWP, for Java", templates},
		{4022, "msvsmon of Visual Studio 2017", "documentation of Visual Studio, remote debugger port assignments"},
		{4024, "msvsmon of Visual Studio 2019", "documentation of Visual Studio, remote debugger port assignments"},
		{4026, "msvsmon of Visual Studio 2022", "documentation of Visual Studio, remote debugger port assignments"},
	}
}

// DebugPort tells whether debuggers listen on the port.
func DebugPort(port int) bool {
	return slices.ContainsFunc(DebugPorts(), func(p Port) bool { return p.Number == port })
}
