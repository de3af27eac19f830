// The numbers of what can be wrong with a rule, beside those of FieldReader. Private to this room;
// codes.cc explains each. Never reuse a number.
#pragma once

namespace winnow::rules {

enum RuleNumber : int {
  kNoRules = 9,
  kIdForm = 10,
  kIdPrefix = 11,
  kIdDuplicate = 12,
  kCategoryIsLabel = 13,
  kLabelForeign = 14,
  kLabelMissing = 15,
  kLanguageForm = 16,
  kViewUnavailable = 17,
  kTooLong = 18,
  kConditionKind = 20,
  kNotOutsideAll = 21,
  kOnlyNots = 22,
  kTooFewGroups = 23,
  kModifierMisplaced = 24,
  kWithinForm = 25,
  kListUnavailable = 26,
  kTestsMissing = 30,
  kTestSurface = 31,
  kTestContradiction = 32,
  kTestRepeated = 33,
  kTermInvisible = 40,
  kTermSpaces = 41,
  kTermRepeated = 42,
  kTermShort = 43,
  kRegexUnfolded = 44,
  kReasonOneLanguage = 45,
};

}  // namespace winnow::rules
