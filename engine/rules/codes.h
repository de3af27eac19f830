// The numbers of what can be wrong with a rule or a list, beside those of FieldReader. Private to
// this room; codes.cc explains each. Never reuse a number.
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
  kTooLong = 18,
  kConditionKind = 20,
  kNotOutsideAll = 21,
  kOnlyNots = 22,
  kTooFewGroups = 23,
  kModifierMisplaced = 24,
  kWithinForm = 25,
  // 26 said that there were no lists.
  kListPath = 27,
  kListMissing = 28,
  kListUnreadable = 29,
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
  // The compiler's, for terms of which lists know it first.
  kTermEmpty = 65,
  kTermTooLong = 68,
};

// Under the prefix 'L'. What is wrong with a term has the same number in a list as in a rule, under
// 'R'.
enum ListNumber : int {
  kListTooLarge = 10,
  kListUtf8 = 11,
  kListControl = 12,
  kListByteOrderMark = 13,
  kListHeaderOpen = 14,
  kListHeaderMisplaced = 15,
  kListEmpty = 16,
  // 17, in rules as in lists, was said of a view that there is now.
  kListUnused = 18,
};

// Under the prefix 'A': layers above the bundled rules.
enum LayerNumber : int {
  kLayerNameForm = 10,
  kLayerTwice = 11,
  kLayerInLayer = 12,
  kRuleUnknown = 13,
  kRuleOwn = 14,
  kRuleNotBelow = 15,
  kDisabledBelow = 16,
  kDisabledAndChanged = 17,
  kChangeEmpty = 18,
  kChangeInVain = 19,
  kLayersDisagree = 20,
  kIdOfAnotherLayer = 21,
  kLayerIdle = 22,
};

}  // namespace winnow::rules
