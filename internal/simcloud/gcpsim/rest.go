package gcpsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// routes are the HTTP APIs; their paths do not overlap, so that one host serves all.
func (c *Cloud) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /v3/organizations:search", c.searchOrganizations)
	m.HandleFunc("GET /v3/projects:search", c.searchProjects)
	m.HandleFunc("POST /v3/organizations/{verb}", c.testPermissions)
	m.HandleFunc("POST /v1/projects/{verb}", c.ancestry)
	m.HandleFunc("GET /v1/projects/{project}/locations/{location}/recommenders/{recommender}/recommendations", c.recommendations)
	m.HandleFunc("GET /v2/projects/{project}/policies/{verb}", c.effectivePolicy)
	return m
}

func resourceManager(name, permission, resource string) operation {
	return operation{name: name, service: "cloudresourcemanager.googleapis.com", title: "Cloud Resource Manager API", permission: permission, resource: resource}
}

func (c *Cloud) searchOrganizations(w http.ResponseWriter, r *http.Request) {
	o := resourceManager("resourcemanager.SearchOrganizations", "resourcemanager.organizations.get", "organizations")
	if refused := c.refuse(o); refused != nil {
		fail(w, refused)
		return
	}
	page, next, err := cut(c.estate.Organizations, c.config.PageSize, 50, r.URL.Query().Get("pageToken"))
	answerPage(w, "organizations", page, next, err)
}

func (c *Cloud) searchProjects(w http.ResponseWriter, r *http.Request) {
	o := resourceManager("resourcemanager.SearchProjects", "resourcemanager.projects.get", "projects")
	if refused := c.refuse(o); refused != nil {
		fail(w, refused)
		return
	}
	page, next, err := cut(c.estate.Projects, c.config.PageSize, 50, r.URL.Query().Get("pageToken"))
	answerPage(w, "projects", page, next, err)
}

func (c *Cloud) testPermissions(w http.ResponseWriter, r *http.Request) {
	org, ok := strings.CutSuffix(r.PathValue("verb"), ":testIamPermissions")
	if !ok {
		fail(w, status.New(codes.NotFound, "no such method"))
		return
	}
	if refused := c.refuse(resourceManager("resourcemanager.TestIamPermissions", "", "organizations/"+org)); refused != nil {
		fail(w, refused)
		return
	}
	var ask struct {
		Permissions []string `json:"permissions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		fail(w, status.New(codes.InvalidArgument, err.Error()))
		return
	}
	if c.config.ProjectsOnly {
		answer(w, map[string]any{})
		return
	}
	answer(w, map[string]any{"permissions": ask.Permissions})
}

func (c *Cloud) ancestry(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("verb"), ":getAncestry")
	if !ok {
		fail(w, status.New(codes.NotFound, "no such method"))
		return
	}
	if refused := c.refuse(resourceManager("resourcemanager.GetAncestry", "resourcemanager.projects.get", "projects/"+id)); refused != nil {
		fail(w, refused)
		return
	}
	for _, a := range c.estate.assets {
		if a.GetAssetType() != "cloudresourcemanager.googleapis.com/Project" || a.GetResource().GetData().AsMap()["projectId"] != id {
			continue
		}
		var out []map[string]any
		for i, name := range a.GetAncestors() {
			kind, number, _ := strings.Cut(name, "/")
			if i == 0 {
				number = id
			}
			out = append(out, map[string]any{"resourceId": map[string]any{"type": strings.TrimSuffix(kind, "s"), "id": number}})
		}
		answer(w, map[string]any{"ancestor": out})
		return
	}
	fail(w, status.New(codes.PermissionDenied, "The caller does not have permission"))
}

func (c *Cloud) recommendations(w http.ResponseWriter, r *http.Request) {
	project, location, name := r.PathValue("project"), r.PathValue("location"), r.PathValue("recommender")
	permissions := map[string]string{
		"google.cloudsql.instance.IdleRecommender":              "recommender.cloudsqlIdleInstanceRecommendations.list",
		"google.compute.instance.IdleResourceRecommender":       "recommender.computeInstanceIdleResourceRecommendations.list",
		"google.compute.instance.MachineTypeRecommender":        "recommender.computeInstanceMachineTypeRecommendations.list",
		"google.resourcemanager.projectUtilization.Recommender": "recommender.resourcemanagerProjectUtilizationRecommendations.list",
	}
	permission, ok := permissions[name]
	if !ok {
		fail(w, status.New(codes.NotFound, "no such recommender"))
		return
	}
	o := operation{
		name:       "recommender.ListRecommendations/" + name,
		service:    "recommender.googleapis.com",
		title:      "Recommender API",
		permission: permission,
		resource:   "projects/" + project + "/locations/" + location,
	}
	if refused := c.refuse(o); refused != nil {
		fail(w, refused)
		return
	}
	number := project
	for _, p := range c.estate.Projects {
		if p.ProjectID == project {
			number = strings.TrimPrefix(p.Name, "projects/")
		}
	}
	var found []recommendation
	for _, rec := range c.estate.Recommendations {
		if strings.HasPrefix(rec.Name, "projects/"+number+"/locations/"+location+"/recommenders/"+name+"/") && rec.StateInfo.State == "ACTIVE" {
			found = append(found, rec)
		}
	}
	page, next, err := cut(found, c.config.PageSize, 100, r.URL.Query().Get("pageToken"))
	answerPage(w, "recommendations", page, next, err)
}

func (c *Cloud) effectivePolicy(w http.ResponseWriter, r *http.Request) {
	project := r.PathValue("project")
	constraint, ok := strings.CutSuffix(r.PathValue("verb"), ":getEffectivePolicy")
	if !ok || constraint != "storage.publicAccessPrevention" {
		fail(w, status.New(codes.NotFound, "no such constraint"))
		return
	}
	o := operation{
		name:       "orgpolicy.GetEffectivePolicy",
		service:    "orgpolicy.googleapis.com",
		title:      "Organization Policy API",
		permission: "orgpolicy.policy.get",
		resource:   "projects/" + project,
	}
	if refused := c.refuse(o); refused != nil {
		fail(w, refused)
		return
	}
	answer(w, map[string]any{
		"name": "projects/" + project + "/policies/" + constraint,
		"spec": map[string]any{"rules": []any{map[string]any{"enforce": slices.Contains(c.config.NoPublicAccess, project)}}},
	})
}

func answerPage[T any](w http.ResponseWriter, field string, page []T, next string, err error) {
	if err != nil {
		fail(w, status.Convert(err))
		return
	}
	out := map[string]any{}
	if len(page) > 0 {
		out[field] = page
	}
	if next != "" {
		out["nextPageToken"] = next
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody to tell
}

// fail writes an error as the HTTP APIs do: the status under "error".
func fail(w http.ResponseWriter, s *status.Status) {
	httpCodes := map[codes.Code]int{
		codes.PermissionDenied: http.StatusForbidden, codes.ResourceExhausted: http.StatusTooManyRequests,
		codes.NotFound: http.StatusNotFound, codes.InvalidArgument: http.StatusBadRequest,
	}
	names := map[codes.Code]string{
		codes.PermissionDenied: "PERMISSION_DENIED", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
		codes.NotFound: "NOT_FOUND", codes.InvalidArgument: "INVALID_ARGUMENT",
	}
	var details []json.RawMessage
	for _, d := range s.Proto().GetDetails() {
		if b, err := protojson.Marshal(d); err == nil {
			details = append(details, b)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(httpCodes[s.Code()])
	answer(w, map[string]any{"error": map[string]any{
		"code": httpCodes[s.Code()], "message": s.Message(), "status": names[s.Code()], "details": details,
	}})
}
