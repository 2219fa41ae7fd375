// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Records.h"

namespace countersign {

std::string_view inputKindName(InputKind kind) {
  switch (kind) {
    case InputKind::Bilevel:
      return "black and white";
    case InputKind::Grey:
      return "grey";
    case InputKind::Colour:
      return "colour";
  }
  return "";
}

std::string_view findingName(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return "match";
    case Finding::NonMatch:
      return "non-match";
    case Finding::Refer:
      return "refer";
    case Finding::CannotJudge:
      return "cannot judge";
  }
  return "";
}

Finding findingOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Match:
      return Finding::Match;
    case Verdict::NonMatch:
      return Finding::NonMatch;
    case Verdict::Refer:
      return Finding::Refer;
  }
  return Finding::CannotJudge;
}

}  // namespace countersign
