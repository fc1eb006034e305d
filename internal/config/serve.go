package config

import "github.com/metsuke-dev/metsuke/internal/yamlfile"

// Serve says when `metsuke serve` scans, and where it is asked how it is.
type Serve struct {
	Listen    string     `yaml:"listen" json:"listen,omitempty" jsonschema_description:"Address of /healthz, /readyz and /metrics, HOST:PORT. Default: 127.0.0.1:9740."`
	Drain     *Duration  `yaml:"drain" json:"drain,omitempty" jsonschema_description:"How long a scan may go on when the process is asked to stop; then it is interrupted, and gone on with after the next start. Default: 20s."`
	Schedules []Schedule `yaml:"schedules" json:"schedules,omitempty" jsonschema_description:"What is scanned when."`
}

// Schedule is a scan that is made again and again. What it leaves out is that of the rest of
// the file.
type Schedule struct {
	Name     string   `yaml:"name" json:"name" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]*$" jsonschema_description:"What it is called in logs and figures. It keeps what it was due for by this name."`
	Cron     string   `yaml:"cron" json:"cron" jsonschema_description:"Minute, hour, day of the month, month and weekday, or @daily and the like."`
	TimeZone string   `yaml:"time_zone" json:"time_zone,omitempty" jsonschema_description:"On whose clock: Europe/Berlin. Default: UTC."`
	Jitter   Duration `yaml:"jitter" json:"jitter,omitempty" jsonschema_description:"It begins so much after its time at most, at another moment every time: 10m."`

	Providers yamlfile.List `yaml:"providers" json:"providers,omitempty" jsonschema_description:"As --provider."`
	Accounts  yamlfile.List `yaml:"accounts" json:"accounts,omitempty" jsonschema_description:"As --account."`
	Regions   yamlfile.List `yaml:"regions" json:"regions,omitempty" jsonschema_description:"As --region."`
	Policies  yamlfile.List `yaml:"policies" json:"policies,omitempty" jsonschema_description:"As --policy."`
	Timeout   Duration      `yaml:"timeout" json:"timeout,omitempty" jsonschema_description:"As --timeout."`
}
