package gcpsim

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"cloud.google.com/go/asset/apiv1/assetpb"
	"google.golang.org/protobuf/encoding/protojson"
)

//go:embed estate.json
var estateJSON []byte

// estate is what the simulated cloud holds. A string "now-12d" in its file is
// the time twelve days ago, so that ages stay what they are; "ms:now-12d" is the
// same in milliseconds since 1970.
type estate struct {
	Organizations   []json.RawMessage `json:"organizations"`
	Projects        []simProject      `json:"projects"`
	Recommendations []recommendation  `json:"recommendations"`
	Assets          []json.RawMessage `json:"assets"`

	assets []*assetpb.Asset
}

// simProject is a project as Resource Manager shows it.
type simProject struct {
	Name        string `json:"name"`
	Parent      string `json:"parent"`
	ProjectID   string `json:"projectId"`
	State       string `json:"state"`
	DisplayName string `json:"displayName"`
}

// recommendation is a recommendation as the Recommender API shows it.
type recommendation struct {
	Name               string          `json:"name"`
	Description        string          `json:"description"`
	RecommenderSubtype string          `json:"recommenderSubtype"`
	LastRefreshTime    string          `json:"lastRefreshTime"`
	PrimaryImpact      json.RawMessage `json:"primaryImpact"`
	Content            json.RawMessage `json:"content"`
	StateInfo          struct {
		State string `json:"state"`
	} `json:"stateInfo"`
	Etag            string   `json:"etag"`
	Priority        string   `json:"priority"`
	TargetResources []string `json:"targetResources,omitempty"`
}

var ago = regexp.MustCompile(`"(ms:)?now([+-][0-9]+)d"`)

func load(text []byte, now time.Time) (estate, error) {
	if text == nil {
		text = estateJSON
	}
	text = ago.ReplaceAllFunc(text, func(m []byte) []byte {
		parts := ago.FindSubmatch(m)
		days, err := strconv.Atoi(string(parts[2]))
		if err != nil {
			return m
		}
		t := now.UTC().Truncate(time.Second).AddDate(0, 0, days)
		if len(parts[1]) > 0 {
			return strconv.AppendQuote(nil, strconv.FormatInt(t.UnixMilli(), 10))
		}
		return strconv.AppendQuote(nil, t.Format(time.RFC3339))
	})
	var e estate
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return e, fmt.Errorf("estate.json: %w", err)
	}
	for i, raw := range e.Assets {
		a := &assetpb.Asset{}
		if err := protojson.Unmarshal(raw, a); err != nil {
			return e, fmt.Errorf("estate.json: asset %d: %w", i, err)
		}
		e.assets = append(e.assets, a)
	}
	return e, nil
}
