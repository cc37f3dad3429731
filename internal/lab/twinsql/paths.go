package twinsql

// Paths are the properties that a condition asks for.
func Paths(c Condition) [][]string {
	var out [][]string
	var look func(any)
	look = func(part any) {
		switch p := part.(type) {
		case both:
			look(p.a)
			look(p.b)
		case either:
			look(p.a)
			look(p.b)
		case negation:
			look(p.c)
		case alone:
			look(p.v)
		case comparison:
			look(p.a)
			look(p.b)
		case membership:
			look(p.a)
		case call:
			for _, a := range p.args {
				look(a)
			}
		case property:
			out = append(out, p.path)
		}
	}
	look(c)
	return out
}
