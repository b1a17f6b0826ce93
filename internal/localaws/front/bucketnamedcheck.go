package front

import (
	"encoding/xml"
	"slices"
	"strings"
)

var archiveTiers = map[string]int{"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}

const maxTieringDays = 730

// checkTiering validates what S3 validates and the AWS provider does not.
func checkTiering(body []byte, id string) error {
	var configuration struct {
		XMLName  xml.Name `xml:"IntelligentTieringConfiguration"`
		ID       string   `xml:"Id"`
		Status   string
		Tierings []struct {
			AccessTier string
			Days       int
		} `xml:"Tiering"`
	}
	switch err := xml.Unmarshal(body, &configuration); {
	case err != nil, len(configuration.Tierings) == 0, !isStatus(configuration.Status):
		return errMalformedXML
	case id == "" || configuration.ID != id:
		return errOtherID
	}
	for _, tiering := range configuration.Tierings {
		least, known := archiveTiers[tiering.AccessTier]
		if !known {
			return errMalformedXML
		}
		if tiering.Days < least || tiering.Days > maxTieringDays {
			return badRequest("InvalidArgument", "'Days' for %s must be between %d and %d", tiering.AccessTier, least, maxTieringDays)
		}
	}
	return nil
}

// checkInventory validates what S3 validates and the AWS provider does not.
func checkInventory(body []byte, id string) error {
	var configuration struct {
		XMLName                xml.Name `xml:"InventoryConfiguration"`
		ID                     string   `xml:"Id"`
		IsEnabled              *bool
		IncludedObjectVersions string
		Frequency              string `xml:"Schedule>Frequency"`
		Bucket                 string `xml:"Destination>S3BucketDestination>Bucket"`
		Format                 string `xml:"Destination>S3BucketDestination>Format"`
	}
	err := xml.Unmarshal(body, &configuration)
	wellFormed := err == nil && configuration.IsEnabled != nil &&
		slices.Contains([]string{"All", "Current"}, configuration.IncludedObjectVersions) &&
		slices.Contains([]string{"Daily", "Weekly"}, configuration.Frequency) &&
		slices.Contains([]string{"CSV", "ORC", "Parquet"}, configuration.Format) &&
		strings.HasPrefix(configuration.Bucket, "arn:")
	switch {
	case !wellFormed:
		return errMalformedXML
	case id == "" || configuration.ID != id:
		return errOtherID
	default:
		return nil
	}
}

var errOtherID = badRequest("InvalidArgument", "The id in the request and the one in the configuration must be the same.")

func isStatus(text string) bool { return text == "Enabled" || text == "Disabled" }
