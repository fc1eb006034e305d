package report

// The objects below are those of OCSF 1.5.0, as far as a report fills them; the comments
// of the schema's own dictionary say what each attribute means.

type ocsfEvent struct {
	ActivityID   int    `json:"activity_id"`
	ActivityName string `json:"activity_name"`
	CategoryUID  int    `json:"category_uid"`
	CategoryName string `json:"category_name"`
	ClassUID     int    `json:"class_uid"`
	ClassName    string `json:"class_name"`
	TypeUID      int    `json:"type_uid"`
	TypeName     string `json:"type_name"`
	Time         int64  `json:"time"` // milliseconds since 1970
	SeverityID   int    `json:"severity_id"`
	Severity     string `json:"severity"`
	StatusID     int    `json:"status_id"`
	Status       string `json:"status"`
	StatusCode   string `json:"status_code"`
	StatusDetail string `json:"status_detail,omitempty"`
	Message      string `json:"message"`
	Comment      string `json:"comment,omitempty"`

	Metadata    ocsfMetadata     `json:"metadata"`
	Cloud       *ocsfCloud       `json:"cloud,omitempty"`
	FindingInfo ocsfFindingInfo  `json:"finding_info"`
	Compliance  ocsfCompliance   `json:"compliance"`
	Resources   []ocsfResource   `json:"resources,omitempty"`
	Remediation *ocsfRemediation `json:"remediation,omitempty"`
}

type ocsfMetadata struct {
	Version        string      `json:"version"` // of the schema
	Product        ocsfProduct `json:"product"`
	Profiles       []string    `json:"profiles,omitempty"`
	EventCode      string      `json:"event_code"`
	CorrelationUID string      `json:"correlation_uid,omitempty"` // of the run
	OriginalTime   string      `json:"original_time,omitempty"`
}

type ocsfProduct struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
	URL        string `json:"url_string,omitempty"`
}

type ocsfCloud struct {
	Provider string       `json:"provider"`
	Region   string       `json:"region,omitempty"`
	Account  *ocsfAccount `json:"account,omitempty"`
}

type ocsfAccount struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfFindingInfo struct {
	UID       string       `json:"uid"`
	Title     string       `json:"title"`
	Desc      string       `json:"desc,omitempty"`
	Types     []string     `json:"types,omitempty"`
	Analytic  ocsfAnalytic `json:"analytic"`
	Created   int64        `json:"created_time,omitempty"`
	Modified  int64        `json:"modified_time,omitempty"`
	FirstSeen int64        `json:"first_seen_time,omitempty"`
	LastSeen  int64        `json:"last_seen_time,omitempty"`
	Tags      []ocsfTag    `json:"tags,omitempty"`
}

type ocsfAnalytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfTag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type ocsfCompliance struct {
	StatusID      int         `json:"status_id"`
	Status        string      `json:"status"`
	StatusCode    string      `json:"status_code"`
	StatusDetails []string    `json:"status_details,omitempty"`
	Control       string      `json:"control"`
	Desc          string      `json:"desc,omitempty"`
	Category      string      `json:"category,omitempty"`
	Standards     []string    `json:"standards,omitempty"`
	Requirements  []string    `json:"requirements,omitempty"`
	Checks        []ocsfCheck `json:"checks,omitempty"`
}

type ocsfCheck struct {
	UID       string   `json:"uid"`
	Name      string   `json:"name"`
	Standards []string `json:"standards"`
	StatusID  int      `json:"status_id"`
	Status    string   `json:"status"`
}

type ocsfResource struct {
	UID       string     `json:"uid"`
	Name      string     `json:"name,omitempty"`
	Type      string     `json:"type"`
	Region    string     `json:"region,omitempty"`
	Namespace string     `json:"namespace,omitempty"`
	Owner     *ocsfOwner `json:"owner,omitempty"`
	Data      any        `json:"data,omitempty"`
}

type ocsfOwner struct {
	Name string `json:"name"`
}

type ocsfRemediation struct {
	Desc string `json:"desc"`
}

// ocsfEnum is a value of one of the schema's enumerations with its caption.
type ocsfEnum struct {
	id   int
	name string
}
