#!/bin/sh
# Regenerates api/pages/static/govuk-* from the design system's package, without branding or fonts.
#   deploy/vendor.sh [VERSION]     needs npm; tests/pages/test_pages.py has the results' SHA-256
# Crown, crest and font are for services on gov.uk only (design-system.service.gov.uk, "using the
# design system"), so the two @font-face rules and the font's name are removed.
set -eu
version=${1:-6.3.0}
static=$(cd "$(dirname "$0")/../api/pages/static" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "govuk-frontend@$version" >/dev/null
tar xzf govuk-frontend-*.tgz
dist=package/dist/govuk
sed -e 's/@font-face{[^}]*}//g' -e 's/GDS Transport,arial/arial/g' \
    -e 's|url(/assets/images/govuk-crest.svg)|none|g' -e 's|/\*# sourceMappingURL.*||' \
    "$dist/govuk-frontend.min.css" >"$static/govuk-frontend.min.css"
sed -e 's|//# sourceMappingURL.*||' "$dist/govuk-frontend.min.js" >"$static/govuk-frontend.min.js"
