// Package awssim answers AWS API calls from documents, below the real SDK
// clients: requests are built, validated, signed and retried as in earnest, and
// instead of being sent they are answered from JSON files that have the shape of
// the AWS CLI's output. The demo, the tests and the benchmarks share it. It knows
// no collector and judges nothing.
package awssim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Faults is how the simulated APIs misbehave. It has the fields of
// providertest.Faults, so that one converts to the other.
type Faults struct {
	Deny     func(operation string) bool
	Throttle int
	PageSize int
	Observe  func(operation string)
}

// Op is one operation that can be answered. Make it with Answer.
type Op struct {
	name string
	out  func() any
	// compute answers an operation whose answer depends on more of the input than
	// the name of a document can say. Docs are the documents of the service.
	compute func(docs map[string]json.RawMessage, input any) (any, error)
}

// Answer declares an operation, "<service id without spaces>.<operation>", and the
// type of its output.
func Answer[Out any](name string) Op { return Op{name: name, out: func() any { return new(Out) }} }

// Estate is a set of simulated accounts. It is safe for concurrent use.
type Estate struct {
	Latency time.Duration // every call takes as long

	ops     map[string]Op
	files   fs.FS
	mu      sync.Mutex
	docs    map[string]map[string]json.RawMessage // by file
	answers map[string]Hook
}

// Hook answers an operation in Go, for what a document cannot say. It gets the
// account, the region and the operation's input and returns its output.
type Hook func(account, region string, input any) (any, error)

// New returns an estate that answers the operations from files, laid out as
// <account>/<region>/<service>.json, where service is the lower-case service id
// without spaces; <account>/global/ answers for every region. A file is one object:
// "DescribeVolumes": the output, or "GetBucketTagging/<name>": the output for the
// input in which some string member is <name> ("/<a>/<b>" for two), or
// {"__error__": "NoSuchTagSet", "message": "..."}. An operation that lists, looks up or
// describes (GetResources lists tags) and has no document answers with its empty output.
func New(files fs.FS, ops ...Op) *Estate {
	e := &Estate{ops: map[string]Op{}, files: files, docs: map[string]map[string]json.RawMessage{}, answers: map[string]Hook{}}
	for _, o := range ops {
		e.ops[o.name] = o
	}
	e.answerIdentity()
	e.answerCredentialReport()
	return e
}

// Handle answers an operation with a hook instead of a document.
func (e *Estate) Handle(operation string, h Hook) { e.answers[operation] = h }

// AccessKey returns the access key id under which calls belong to the account.
func AccessKey(account string) string { return "AKIASIM" + account }

var keyInHeader = regexp.MustCompile(`Credential=AKIASIM([0-9]{12})/`)

// Config returns a configuration whose clients are answered by the estate, with
// the account's credentials.
func (e *Estate) Config(account, region string, f Faults) aws.Config {
	state := &faulty{estate: e, f: f, seen: map[string]int{}}
	return aws.Config{
		Region: region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: AccessKey(account), SecretAccessKey: "simulated"}, nil
		}),
		APIOptions: []func(*middleware.Stack) error{state.install},
	}
}

type faulty struct {
	estate *Estate
	f      Faults
	mu     sync.Mutex
	seen   map[string]int // how often a call was throttled
}

type inputKey struct{}

func (s *faulty) install(stack *middleware.Stack) error {
	err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("awssim.Input", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
	}), middleware.After)
	if err != nil {
		return err
	}
	return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("awssim.Answer", s.handle), middleware.After)
}

func (s *faulty) handle(ctx context.Context, in middleware.FinalizeInput, _ middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	if s.estate.Latency > 0 {
		select {
		case <-time.After(s.estate.Latency):
		case <-ctx.Done():
			return out, md, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return out, md, err
	}
	service := strings.ReplaceAll(awsmiddleware.GetServiceID(ctx), " ", "")
	op := service + "." + awsmiddleware.GetOperationName(ctx)
	if s.f.Observe != nil {
		s.f.Observe(op)
	}
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, md, fmt.Errorf("awssim: %s: unknown transport %T", op, in.Request)
	}
	m := keyInHeader.FindStringSubmatch(req.Header.Get("Authorization"))
	if m == nil {
		return out, md, &smithy.GenericAPIError{Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."}
	}
	account, region := m[1], awsmiddleware.GetRegion(ctx)
	input := middleware.GetStackValue(ctx, inputKey{})
	if s.f.Deny != nil && s.f.Deny(op) {
		return out, md, denied(service, op, account)
	}
	if s.throttle(op, account, region, input) {
		return out, md, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	}
	res, err := s.estate.answer(op, account, region, input)
	if err != nil {
		return out, md, err
	}
	out.Result = page(res, input, s.f.PageSize)
	return out, md, nil
}

func (s *faulty) throttle(op, account, region string, input any) bool {
	if s.f.Throttle == 0 {
		return false
	}
	b, _ := json.Marshal(input) // the call's identity; an input that cannot be marshalled shares one
	key := op + account + region + string(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[key]++
	return s.seen[key] <= s.f.Throttle
}

// denied is the answer to a caller without the permission, with each service's own code.
func denied(service, op, account string) error {
	code := "AccessDeniedException"
	switch service {
	case "EC2":
		code = "UnauthorizedOperation"
	case "S3", "IAM", "STS", "RDS", "ElasticLoadBalancingv2", "S3Control", "SQS":
		code = "AccessDenied"
	case "SNS":
		code = "AuthorizationError"
	}
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/metsuke/scan is not authorized to perform: %s", account, op)}
}

func (e *Estate) answer(op, account, region string, input any) (any, error) {
	if h := e.answers[op]; h != nil {
		return h(account, region, input)
	}
	o, ok := e.ops[op]
	if !ok {
		return nil, fmt.Errorf("awssim: %s is not declared", op)
	}
	service, name, _ := strings.Cut(op, ".")
	for _, r := range []string{region, "global"} {
		docs, err := e.load(path.Join(account, r, strings.ToLower(service)+".json"))
		if err != nil {
			return nil, err
		}
		if o.compute != nil && docs == nil && r != "global" {
			continue
		}
		if o.compute != nil {
			return o.compute(docs, input)
		}
		for _, key := range keys(name, input) {
			doc, ok := docs[key]
			if !ok {
				continue
			}
			if err := refusal(doc); err != nil {
				return nil, err
			}
			out := o.out()
			if err := json.Unmarshal(doc, out); err != nil {
				return nil, fmt.Errorf("awssim: %s/%s %s %s: %w", account, r, service, key, err)
			}
			return out, nil
		}
	}
	if strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Lookup") || name == "GetResources" {
		return o.out(), nil
	}
	return nil, fmt.Errorf("awssim: nothing in %s/%s answers %s, tried %v", account, region, op, keys(name, input))
}

// refusal is the API error that a document answers with, nil where it is an output.
func refusal(doc json.RawMessage) error {
	if !bytes.Contains(doc, []byte(`"__error__"`)) {
		return nil
	}
	var fail struct {
		Code    string `json:"__error__"`
		Message string `json:"message"`
	}
	if json.Unmarshal(doc, &fail) == nil && fail.Code != "" {
		return &smithy.GenericAPIError{Code: fail.Code, Message: fail.Message}
	}
	return nil // an output that holds the word
}

// Load reads every file now, and not when the first call asks for it: for benchmarks,
// which are not to measure it.
func (e *Estate) Load() error {
	files, err := fs.Glob(e.files, "*/*/*.json")
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := e.load(f); err != nil {
			return err
		}
	}
	return nil
}

func (e *Estate) load(file string) (map[string]json.RawMessage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if d, ok := e.docs[file]; ok {
		return d, nil
	}
	var d map[string]json.RawMessage
	b, err := fs.ReadFile(e.files, file)
	if err == nil {
		if err := json.Unmarshal(b, &d); err != nil {
			return nil, fmt.Errorf("awssim: %s: %w", file, err)
		}
	}
	e.docs[file] = d
	return d, nil
}

// keys returns the document keys that answer an input, the most specific first.
func keys(name string, input any) []string {
	var vals []string
	if rv := reflect.Indirect(reflect.ValueOf(input)); rv.Kind() == reflect.Struct {
		for i := range rv.NumField() {
			f := rv.Field(i)
			if !rv.Type().Field(i).IsExported() {
				continue
			}
			switch f = reflect.Indirect(f); f.Kind() {
			case reflect.String:
				if f.String() != "" {
					vals = append(vals, f.String())
				}
			case reflect.Slice:
				if f.Len() == 1 && f.Index(0).Kind() == reflect.String {
					vals = append(vals, f.Index(0).String())
				}
			}
		}
	}
	var out []string
	for i, a := range vals {
		for _, b := range vals[i+1:] {
			out = append(out, name+"/"+a+"/"+b, name+"/"+b+"/"+a)
		}
	}
	for _, a := range vals {
		out = append(out, name+"/"+a)
	}
	return append(out, name)
}

// The names under which APIs give and take the token of the next page.
func tokensOut() []string {
	return []string{"NextToken", "NextMarker", "NextContinuationToken", "ContinuationToken", "PaginationToken", "LastEvaluatedTableName", "Marker"}
}

func tokensIn() []string {
	return []string{"NextToken", "Marker", "ContinuationToken", "PaginationToken", "ExclusiveStartTableName", "StartingToken"}
}

// page cuts an output to the page that the input's token asks for. Outputs without
// a token or with more than one list are left whole.
func page(out, in any, size int) any {
	if size <= 0 {
		return out
	}
	rv, iv := reflect.ValueOf(out).Elem(), reflect.Indirect(reflect.ValueOf(in))
	tok, from := stringField(rv, tokensOut()), stringField(iv, tokensIn())
	var lists []reflect.Value
	for i := range rv.NumField() {
		if rv.Type().Field(i).IsExported() && rv.Field(i).Kind() == reflect.Slice {
			lists = append(lists, rv.Field(i))
		}
	}
	if !tok.IsValid() || !from.IsValid() || len(lists) == 0 {
		return out
	}
	if len(lists) > 1 {
		longest := slices.MaxFunc(lists, func(a, b reflect.Value) int { return a.Len() - b.Len() })
		lists = []reflect.Value{longest}
	}
	start := 0
	if !from.IsNil() {
		_, _ = fmt.Sscanf(from.Elem().String(), "sim-%d", &start)
	}
	list := lists[0]
	end := min(start+size, list.Len())
	more := end < list.Len()
	list.Set(list.Slice(min(start, list.Len()), end))
	if more {
		next := fmt.Sprintf("sim-%d", end)
		tok.Set(reflect.ValueOf(&next))
	}
	for _, name := range []string{"IsTruncated", "Truncated"} {
		switch t := rv.FieldByName(name); {
		case !t.IsValid():
		case t.Kind() == reflect.Bool:
			t.SetBool(more)
		case t.Type() == reflect.TypeFor[*bool]():
			t.Set(reflect.ValueOf(&more))
		}
	}
	return out
}

func stringField(v reflect.Value, names []string) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for _, n := range names {
		if f := v.FieldByName(n); f.IsValid() && f.Type() == reflect.TypeFor[*string]() {
			return f
		}
	}
	return reflect.Value{}
}
