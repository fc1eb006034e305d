package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/iac"
)

// stateLimit bounds the text of one state, in bytes. Terraform itself becomes slow long
// before.
const stateLimit = 1 << 30

// stateWait bounds how long a bucket may take to give a state.
const stateWait = 2 * time.Minute

// readStates reads the Terraform states that the arguments of --state name: files,
// directories of them, s3://bucket/key and gs://bucket/object. One that is there and
// cannot be read has its Error set; a path of which there is nothing is an error.
func readStates(ctx context.Context, p *process, args []string) ([]iac.State, []finding.State, error) {
	var names []string
	for _, a := range args {
		if isRemote(a) {
			if _, _, err := bucketOf(a); err != nil {
				return nil, nil, err
			}
			names = append(names, a)
			continue
		}
		below, err := statesBelow(a)
		if err != nil {
			return nil, nil, err
		}
		names = append(names, below...)
	}
	slices.Sort(names)
	var read []iac.State
	var given []finding.State
	for _, name := range slices.Compact(names) {
		g := finding.State{Name: name}
		text, err := stateText(ctx, p, name)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err == nil {
			var s iac.State
			if s, err = iac.Parse(text, name); err == nil {
				g.Resources = len(s.Entries)
				read = append(read, s)
			}
		}
		if err != nil {
			g.Error = firstLine(err)
		}
		p.log.Info("state", "name", name, "resources", g.Resources, "error", g.Error)
		given = append(given, g)
	}
	return read, given, nil
}

func isRemote(name string) bool {
	return strings.HasPrefix(name, "s3://") || strings.HasPrefix(name, "gs://")
}

// bucketOf splits s3://bucket/key and gs://bucket/object.
func bucketOf(name string) (bucket, key string, err error) {
	bucket, key, _ = strings.Cut(name[len("s3://"):], "/")
	if bucket == "" || key == "" || strings.HasSuffix(key, "/") {
		return "", "", fmt.Errorf("--state %s: write %sBUCKET/OBJECT, the whole name of one state", name, name[:len("s3://")])
	}
	return bucket, key, nil
}

// statesBelow returns a file itself, and of a directory the states in it and below:
// *.tfstate, and *.json of terraform show -json. Hidden directories are left out.
func statesBelow(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("--state: %w", err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	var out []string
	err = filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("--state %s: %w", name, err)
		case d.IsDir() && file != name && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir() && (filepath.Ext(file) == ".tfstate" || filepath.Ext(file) == ".json"):
			out = append(out, file)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("--state %s: there are no states in it: neither *.tfstate nor *.json", name)
	}
	return out, err
}

// stateText returns the text of a state.
func stateText(ctx context.Context, p *process, name string) ([]byte, error) {
	if !isRemote(name) {
		return os.ReadFile(name)
	}
	ctx, cancel := context.WithTimeout(ctx, stateWait)
	defer cancel()
	bucket, key, err := bucketOf(name)
	if err != nil {
		return nil, err
	}
	open := openGS
	if strings.HasPrefix(name, "s3://") {
		open = openS3
	}
	body, err := open(ctx, p, bucket, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(io.LimitReader(body, stateLimit+1))
	if err == nil && len(text) > stateLimit {
		err = errors.New("the state is larger than 1 GiB")
	}
	return text, err
}

// openS3 reads an object with the ambient AWS configuration; the credential needs
// s3:GetObject, and kms:Decrypt where the bucket is encrypted with a key of one's own.
func openS3(ctx context.Context, p *process, bucket, key string) (io.ReadCloser, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		// What answers at an address of its own seldom has names of its own for buckets.
		o.UsePathStyle = p.getenv("AWS_ENDPOINT_URL") != "" || p.getenv("AWS_ENDPOINT_URL_S3") != ""
	})
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: awssdk.String(bucket), Key: awssdk.String(key)})
	if err != nil {
		return nil, fmt.Errorf("S3.GetObject: %s", lastCause(err))
	}
	return out.Body, nil
}

// openGS reads an object of Cloud Storage with the application default credentials; they
// need storage.objects.get. STORAGE_EMULATOR_HOST is an emulator's address, as for
// Google's own clients.
func openGS(ctx context.Context, p *process, bucket, object string) (io.ReadCloser, error) {
	base, client := "https://storage.googleapis.com", http.DefaultClient
	if host := p.getenv("STORAGE_EMULATOR_HOST"); host != "" {
		if base = host; !strings.Contains(host, "://") {
			base = "http://" + host
		}
	} else {
		creds, err := google.FindDefaultCredentials(ctx, "https://www.googleapis.com/auth/devstorage.read_only")
		if err != nil {
			return nil, errors.New("no Google application default credentials: run `gcloud auth application-default login`")
		}
		client = oauth2.NewClient(ctx, creds.TokenSource)
	}
	at := strings.TrimSuffix(base, "/") + "/storage/v1/b/" + url.PathEscape(bucket) + "/o/" + url.PathEscape(object) + "?alt=media"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the object: %s", lastCause(err))
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, fmt.Errorf("storage.objects.get: %s", res.Status)
	}
	return res.Body, nil
}
