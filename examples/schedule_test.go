package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// nightly returns the command of every example that scans every night, by its file.
func nightly(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	cron := regexp.MustCompile(`(?m)^(\S+ ){5}metsuke (.*)$`).FindStringSubmatch(read(t, "schedule/crontab"))
	if cron == nil {
		t.Fatal("schedule/crontab has no line of a user metsuke")
	}
	out["schedule/crontab"] = cron[2]
	for _, file := range []string{"schedule/systemd/metsuke.service", "schedule/systemd/metsuke-serve.service"} {
		out[file] = unit(t, file)["Service"]["ExecStart"][0]
	}
	container := dig(t, parsed(t, "schedule/kubernetes.yaml"), "spec", "jobTemplate", "spec", "template", "spec", "containers", 0).(map[string]any)
	var words []string
	for _, key := range []string{"command", "args"} {
		for _, w := range container[key].([]any) {
			words = append(words, w.(string))
		}
	}
	out["schedule/kubernetes.yaml"] = strings.Join(words, " ")
	commands := commandsOf(scripts(parsed(t, "schedule/github-actions.yaml")))
	if len(commands) != 1 {
		t.Fatalf("schedule/github-actions.yaml has the commands %q", commands)
	}
	out["schedule/github-actions.yaml"] = commands[0]
	return out
}

// dig follows keys and indexes.
func dig(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok || m[s] == nil {
				t.Fatalf("there is no %s in %v", s, path)
			}
			v = m[s]
		case int:
			v = v.([]any)[s]
		}
	}
	return v
}

// unit reads a unit of systemd: the values of each key by section.
func unit(t *testing.T, file string) map[string]map[string][]string {
	t.Helper()
	out := map[string]map[string][]string{}
	section := ""
	for line := range strings.Lines(read(t, file)) {
		line = strings.TrimSpace(line)
		name, ok := strings.CutPrefix(line, "[")
		key, value, pair := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case ok && strings.HasSuffix(name, "]"):
			section = strings.TrimSuffix(name, "]")
			out[section] = map[string][]string{}
		case pair && section != "":
			out[section][key] = append(out[section][key], value)
		default:
			t.Fatalf("%s: %q is no line of a unit", file, line)
		}
	}
	return out
}

var metsukeCommand = regexp.MustCompile(`(?:/usr/local/bin/)?metsuke (scan|serve)( .*)?$`)

// Every schedule's command is run, with its paths in a scratch directory and a saved
// inventory in the place of live accounts.
func TestTheCommandsOfEveryScheduleRun(t *testing.T) {
	inventory := filepath.Join(t.TempDir(), "estate.ndjson.gz")
	if _, stderr, code := metsuke(t, ".", "demo", "--save-inventory", inventory, "-o", filepath.Join(t.TempDir(), "demo.json")); code != 0 {
		t.Fatal(stderr)
	}
	for file, line := range nightly(t) {
		t.Run(file, func(t *testing.T) {
			m := metsukeCommand.FindStringSubmatch(strings.TrimSuffix(line, " > /var/lib/metsuke/last.txt"))
			if m == nil {
				t.Fatalf("no command of metsuke is in %q", line)
			}
			checkCommand(t, file, "metsuke "+m[1]+m[2])
			if m[1] == "serve" {
				return // see TestTheServerTakesTheSchedules
			}
			root := t.TempDir()
			for _, dir := range []string{"etc/metsuke", "var/lib/metsuke"} {
				if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			config := strings.ReplaceAll(read(t, "schedule/metsuke.yaml"), "/var/lib/", root+"/var/lib/")
			write(t, filepath.Join(root, "etc/metsuke/metsuke.yaml"), config)
			write(t, filepath.Join(root, "metsuke.yaml"), config)
			write(t, filepath.Join(root, "etc/metsuke/environment"), "SLACK_BOT_TOKEN=xoxb\nJIRA_API_TOKEN=x\n")
			run := strings.NewReplacer("/etc/metsuke", root+"/etc/metsuke", "/var/lib/metsuke", root+"/var/lib/metsuke", "/usr/local/bin/metsuke", "metsuke",
				"postgres://metsuke@db.example.com/metsuke", root+"/var/lib/metsuke/metsuke.db").Replace(line)
			// Nobody is told: the services are elsewhere.
			run = regexp.MustCompile(`metsuke scan( .*?)? --notify`).ReplaceAllString(run, "metsuke scan$1 --from "+inventory+" --save")
			stdout, stderr, code := script(t, root, run, "METSUKE_STORE="+root+"/var/lib/metsuke/metsuke.db")
			if code != 0 {
				t.Fatalf("%s\nexit code %d\n%s%s", run, code, stdout, stderr)
			}
			stdout, stderr, code = metsuke(t, root, "runs", "list", "--store", root+"/var/lib/metsuke/metsuke.db")
			if code != 0 || !strings.Contains(stdout, " scan ") {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
			if read(t, filepath.Join(root, "var/lib/metsuke/latest.json")) == "" {
				t.Error("the report of the configuration is empty")
			}
		})
	}
}

// The server reads everything before it opens its address, which here is none.
func TestTheServerTakesTheSchedules(t *testing.T) {
	dir := t.TempDir()
	line := "metsuke serve --config " + filepath.Join(copyOf(t), "schedule/metsuke.yaml") + " --store " + dir + "/m.db --listen 192.0.2.1:1"
	_, stderr, code := script(t, dir, line, "SLACK_BOT_TOKEN=xoxb", "JIRA_API_TOKEN=x")
	if code != 2 || !strings.Contains(stderr, "listen on 192.0.2.1:1: ") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestTheUnitsOfSystemdFitTogether(t *testing.T) {
	service, timer, daemon := unit(t, "schedule/systemd/metsuke.service"), unit(t, "schedule/systemd/metsuke.timer"), unit(t, "schedule/systemd/metsuke-serve.service")
	if service["Service"]["Type"][0] != "oneshot" { // then a timer that rings while it runs starts no second one
		t.Error("metsuke.service is not oneshot")
	}
	if timer["Timer"]["Persistent"][0] != "true" || timer["Install"]["WantedBy"][0] != "timers.target" || timer["Timer"]["OnCalendar"] == nil {
		t.Errorf("metsuke.timer: %v", timer)
	}
	for _, u := range []map[string]map[string][]string{service, daemon} {
		if u["Service"]["User"][0] != "metsuke" || u["Service"]["StateDirectory"][0] != "metsuke" {
			t.Errorf("a service runs as %v with %v", u["Service"]["User"], u["Service"]["StateDirectory"])
		}
	}
}

// What starts a scan besides metsuke leaves out times over which clocks are put forward, or
// comes to those twice over which they are put back.
func TestTheTimesOfTheExamplesComeOnceADay(t *testing.T) {
	const days = 5 * 366
	cron := func(file, text string) [2]int {
		t.Helper()
		var minute, hour int
		if _, err := fmt.Sscanf(text, "%d %d * * *", &minute, &hour); err != nil {
			t.Fatalf("%s: %q: %v", file, text, err)
		}
		return [2]int{hour, minute}
	}
	table := regexp.MustCompile(`(?m)^\d.* metsuke `).FindString(read(t, "schedule/crontab"))
	job := dig(t, parsed(t, "schedule/kubernetes.yaml"), "spec", "schedule").(string)
	var timer [2]int
	calendar := unit(t, "schedule/systemd/metsuke.timer")["Timer"]["OnCalendar"][0]
	if _, err := fmt.Sscanf(calendar, "*-*-* %d:%d:00 Europe/Berlin", &timer[0], &timer[1]); err != nil {
		t.Fatalf("%q: %v", calendar, err)
	}
	for _, zone := range []string{"Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney"} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for file, at := range map[string][2]int{"crontab": cron("crontab", table), "kubernetes.yaml": cron("kubernetes.yaml", job), "metsuke.timer": timer} {
			for day := range days {
				due := time.Date(2026, 1, 1+day, at[0], at[1], 0, 0, place)
				const wall = "15:04"
				want := fmt.Sprintf("%02d:%02d", at[0], at[1])
				if due.Format(wall) != want || due.Add(time.Hour).Format(wall) == want || due.Add(-time.Hour).Format(wall) == want {
					t.Fatalf("%s: %s in %s does not come once on %s", file, want, zone, due.Format(time.DateOnly))
				}
			}
		}
	}
}

func TestTheCronJobOfKubernetesRunsOneScanAtATime(t *testing.T) {
	spec := dig(t, parsed(t, "schedule/kubernetes.yaml"), "spec").(map[string]any)
	if spec["concurrencyPolicy"] != "Forbid" || spec["timeZone"] != "Europe/Berlin" {
		t.Errorf("%v", spec)
	}
	pod := dig(t, spec, "jobTemplate", "spec", "template", "spec").(map[string]any)
	volumes := map[any]bool{}
	for _, v := range pod["volumes"].([]any) {
		volumes[v.(map[string]any)["name"]] = true
	}
	for _, m := range dig(t, pod, "containers", 0, "volumeMounts").([]any) {
		if !volumes[m.(map[string]any)["name"]] {
			t.Errorf("the volume %v is mounted and not there", m)
		}
	}
}

// What the configuration writes has a place wherever it is read.
func TestTheReportsOfTheConfigurationHaveAPlace(t *testing.T) {
	var written []string
	for _, o := range dig(t, parsed(t, "schedule/metsuke.yaml"), "outputs").([]any) {
		written = append(written, filepath.Dir(o.(map[string]any)["path"].(string)))
	}
	var writable []string
	container := dig(t, parsed(t, "schedule/kubernetes.yaml"), "spec", "jobTemplate", "spec", "template", "spec", "containers", 0)
	for _, m := range dig(t, container, "volumeMounts").([]any) {
		if mount := m.(map[string]any); mount["readOnly"] != true {
			writable = append(writable, mount["mountPath"].(string))
		}
	}
	for _, dir := range written {
		if !slices.Contains(writable, dir) {
			t.Errorf("in the pod, %s cannot be written", dir)
		}
		if !strings.Contains(strings.Join(scripts(parsed(t, "schedule/github-actions.yaml")), "\n"), "install -d -o \"$USER\" "+dir+" ") {
			t.Errorf("in the job, nobody makes %s", dir)
		}
		if !strings.Contains(read(t, "schedule/crontab"), "install -d -o metsuke "+dir+"\n") {
			t.Errorf("for cron, nobody makes %s", dir)
		}
	}
}
