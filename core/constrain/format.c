/* format.c: the formats that can be held exactly or a little too tightly, as expressions.
**
** Where an RFC cannot be written down in full (addresses with comments, leap seconds, host names
** with punycode) the expression is narrower, never wider. Names that no draft of JSON Schema
** defines have no meaning there and constrain nothing. */
#include <string.h>

#include "core/constrain/automaton.h"

#define LEAP "(([0-9][0-9])(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26]|00)00)"
#define DATE "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])" \
  "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|" LEAP "-02-29)"
#define CLOCK "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?"
#define ZONE "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
#define LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
/* No hyphens in places three and four together: those begin punycode. */
#define HOST_LABEL "([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]{0,2}[A-Za-z0-9]" \
  "|[A-Za-z0-9][A-Za-z0-9-]([A-Za-z0-9][A-Za-z0-9-]|-[A-Za-z0-9])[A-Za-z0-9-]{0,58}[A-Za-z0-9])"
#define OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV4 OCTET "(\\." OCTET "){3}"
#define H16 "[0-9A-Fa-f]{1,4}"
#define LS32 "(" H16 ":" H16 "|" IPV4 ")"
#define IPV6 "((" H16 ":){6}" LS32 "|::(" H16 ":){5}" LS32 "|(" H16 ")?::(" H16 ":){4}" LS32 \
  "|((" H16 ":){0,1}" H16 ")?::(" H16 ":){3}" LS32 \
  "|((" H16 ":){0,2}" H16 ")?::(" H16 ":){2}" LS32 \
  "|((" H16 ":){0,3}" H16 ")?::" H16 ":" LS32 "|((" H16 ":){0,4}" H16 ")?::" LS32 \
  "|((" H16 ":){0,5}" H16 ")?::" H16 "|((" H16 ":){0,6}" H16 ")?::)"
#define ESCAPED "%[0-9A-Fa-f]{2}"
#define UNRESERVED "A-Za-z0-9._~\\-"
#define SUB "!$&'()*+,;="
#define PCHAR "([" UNRESERVED SUB ":@]|" ESCAPED ")"
#define USERINFO "([" UNRESERVED SUB ":]|" ESCAPED ")*@"
#define HOST "(\\[" IPV6 "\\]|([" UNRESERVED SUB "]|" ESCAPED ")*)"
#define AUTHORITY "(" USERINFO ")?" HOST "(:[0-9]*)?"
#define TAIL "(\\?(" PCHAR "|[/?])*)?(#(" PCHAR "|[/?])*)?"
#define SEGMENTS "(/" PCHAR "*)*"
#define URI "[A-Za-z][A-Za-z0-9+.-]*:(//" AUTHORITY SEGMENTS "|/(" PCHAR "+" SEGMENTS ")?|" PCHAR \
  "+" SEGMENTS "|)" TAIL
#define NO_COLON "([" UNRESERVED SUB "@]|" ESCAPED ")"
#define RELATIVE "(//" AUTHORITY SEGMENTS "|/(" PCHAR "+" SEGMENTS ")?|" \
  NO_COLON "+" SEGMENTS "|)" TAIL
#define ATEXT "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#define DURATION_TIME "T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)"

const char *mn_format_regex(const char *name, bool *known) {
  static const struct { const char *name, *regex; } formats[] = {
    {"date", DATE},
    {"time", CLOCK ZONE},
    {"date-time", DATE "[Tt]" CLOCK ZONE},
    {"duration", "P([0-9]+W|([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)("
                 DURATION_TIME ")?|" DURATION_TIME ")"},
    {"email", ATEXT "(\\." ATEXT ")*@" LABEL "(\\." LABEL ")*"},
    {"hostname", HOST_LABEL "(\\." HOST_LABEL ")*"},
    {"host-name", HOST_LABEL "(\\." HOST_LABEL ")*"},
    {"ipv4", IPV4}, {"ip-address", IPV4},
    {"ipv6", IPV6},
    {"uuid", "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"},
    {"uri", URI},
    {"uri-reference", "(" URI "|" RELATIVE ")"},
    {"json-pointer", "(/([^~/]|~[01])*)*"},
    {"relative-json-pointer", "(0|[1-9][0-9]*)(#|(/([^~/]|~[01])*)*)"},
    {"idn-email", ATEXT "(\\." ATEXT ")*@" LABEL "(\\." LABEL ")*"},
    {"iri", URI},
    {"iri-reference", "(" URI "|" RELATIVE ")"},
    {"idn-hostname", NULL}, {"uri-template", NULL}, {"regex", NULL},
  };
  *known = true;
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (strcmp(formats[i].name, name) == 0) return formats[i].regex;
  *known = false;
  return NULL;
}
