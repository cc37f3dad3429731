package device

// ReadTOML reads a TOML file of the device for those who want more of it than Settings:
// its tables, and the line of every key by its dotted path. A file that is broken is a
// *SyntaxError, which quotes nothing of it.
func (d *Device) ReadTOML(path string) (all map[string]any, lines map[string]int, err error) {
	text, err := d.tree.read(path)
	if err != nil {
		return nil, nil, err
	}
	if _, err := parseTOML(path, ConfigTOML, text); err != nil {
		return nil, nil, err
	}
	if err := decodeTOML(text, &all); err != nil {
		return nil, nil, err
	}
	return all, tomlLines(text), nil
}

// Real is where a path of the device is on the machine that reads it.
func (d *Device) Real(path string) (string, error) { return d.tree.resolve(path) }

// List names the entries of a directory of the device that end so; one that is not there
// has none.
func (d *Device) List(dir, suffix string) ([]string, error) { return d.tree.list(dir, suffix) }
