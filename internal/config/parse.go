package config

import "github.com/metsuke-dev/metsuke/internal/yamlfile"

// Parse reads a configuration from its text. name stands in errors, which begin with
// name:line:column.
func Parse(text []byte, name string) (Config, error) {
	var c Config
	file, err := yamlfile.Read(text, name, &c)
	if err != nil {
		return Config{}, err
	}
	c.file = file
	c.switchOn()
	return c, nil
}

// switchOn gives providers whose section is there and empty, "aws:", their defaults.
func (c *Config) switchOn() {
	p := &c.Providers
	if p.AWS == nil && c.file.Has("providers.aws") {
		p.AWS = &AWS{}
	}
	if p.AWS != nil && p.AWS.Organization == nil && c.file.Has("providers.aws.organization") {
		p.AWS.Organization = &Organization{}
	}
	if p.GCP == nil && c.file.Has("providers.gcp") {
		p.GCP = &GCP{}
	}
	if p.GitHub == nil && c.file.Has("providers.github") {
		p.GitHub = &GitHub{}
	}
}

// At returns name:line:column of the value of a key such as "scan.fail_on" or
// "outputs[0].format", and only the name when it is not there.
func (c Config) At(key string) string { return c.file.At(key) }
