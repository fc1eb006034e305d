package userdata

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const script = "#!/bin/bash\nexport DB_PASSWORD='q7R!vT2m_Zx9'\nsystemctl start app\n"

func zip(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestKindsAreFoundInEveryFormOfAScript(t *testing.T) {
	mimeDoc := func(encoding string, body []byte) string {
		return "Content-Type: multipart/mixed; boundary=\"==B==\"\nMIME-Version: 1.0\n\n--==B==\n" +
			"Content-Type: text/x-shellscript\nContent-Transfer-Encoding: " + encoding + "\n\n" + string(body) + "\n--==B==--\n"
	}
	b64 := func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) }
	tests := []struct {
		name string
		raw  []byte
		want []string
	}{
		{"a plain script", []byte(script), []string{"password"}},
		{"a gzipped script", zip(t, []byte(script)), []string{"password"}},
		{"a MIME part", []byte(mimeDoc("7bit", []byte(script))), []string{"password"}},
		{"a MIME part in base64", []byte(mimeDoc("base64", b64([]byte(script)))), []string{"password"}},
		{"a gzipped MIME message with a gzipped part in base64", zip(t, []byte(mimeDoc("base64", b64(zip(t, []byte(script)))))), []string{"password"}},
		{
			"a file in a cloud-config", []byte("#cloud-config\nwrite_files:\n- encoding: b64\n  content: " + string(b64([]byte(script))) + "\n"),
			[]string{"password"},
		},
		{
			"a gzipped file in a cloud-config", []byte("#cloud-config\nwrite_files:\n- encoding: gz+b64\n  content: " + string(b64(zip(t, []byte(script)))) + "\n"),
			[]string{"password"},
		},
		{"a script that fetches its secret", []byte("#!/bin/bash\nDB_PASSWORD=$(aws ssm get-parameter --name /app/db)\n"), nil},
		{"nothing", nil, nil},
		{"bytes that are no text", []byte{0, 1, 2, 0xff}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Encoded(string(b64(tt.raw)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeUnpackedIsAnErrorWithoutItsText(t *testing.T) {
	whole := zip(t, []byte(strings.Repeat(script, 20)))
	tests := map[string]string{
		"no base64":         "hunter2-is-not-base64!",
		"a broken gzip":     base64.StdEncoding.EncodeToString(whole[:len(whole)/2]),
		"a gzip of zeroes":  base64.StdEncoding.EncodeToString(zip(t, make([]byte, maxSize+1))),
		"a broken boundary": base64.StdEncoding.EncodeToString([]byte("Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain\n\nhunter2")),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			kinds, err := Encoded(text)
			if err == nil {
				t.Fatalf("no error, kinds %v", kinds)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats the script: %v", err)
			}
		})
	}
}
