// Layers through a real server: the same text of two tenants, decided by what each one's layer
// says, and each verdict tells whose word it was, also once it is stored.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "tests/support/rule_text.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

void WriteLayeredPack(const std::string& path) {
  const pack::CompileResult compiled = pack::CompilePack(
      {{"rules/gambling.yaml", RuleText("gambling.casino", "casino", "block") +
                                   RuleText("gambling.dice", "dice", "block")},
       {"ours/layer.yaml",
        "layer: operator\nname: ours\nchange: {gambling.dice: {action: review}}\n"},
       {"acme/layer.yaml",
        "layer: tenant\nname: acme\nchange: {gambling.casino: {action: review}}\n"},
       {"acme/own.yaml", RuleText("gambling.acme_rival", "rival", "block")},
       {"tea/layer.yaml", "layer: tenant\nname: tea\ndisable: [gambling.dice]\n"}},
      {.id = "test"});
  ASSERT_NE(compiled.pack, nullptr)
      << rules::Render(compiled.diagnostics, compiled.sources, /*color=*/false);
  ASSERT_OK(pack::WritePack(*compiled.pack, path));
}

// "REVIEW gambling.casino: KIND_TENANT acme".
std::string Told(const v1::Verdict& verdict) {
  std::string out = v1::Decision_Name(verdict.decision()).substr(sizeof "DECISION_" - 1);
  for (const v1::Finding& f : verdict.findings()) {
    StrAppend(&out, " ", f.rule_id(), ": ",
              f.has_layer()
                  ? StrCat(v1::RuleLayer::Kind_Name(f.layer().kind()), " ", f.layer().name())
                  : std::string("bundled"));
  }
  return out;
}

TEST(LayersTest, TheSameTextIsJudgedByEachTenantsLayer) {
  Winnowd server;
  WriteLayeredPack(server.pack_path());
  server.Start();
  const struct {
    const char* tenant;
    const char* text;
    const char* told;
  } cases[] = {
      {"acme", "a casino", "REVIEW gambling.casino: KIND_TENANT acme"},
      {"tea", "a casino", "BLOCK gambling.casino: bundled"},
      {"other", "a casino", "BLOCK gambling.casino: bundled"},
      {"acme", "some dice", "REVIEW gambling.dice: KIND_OPERATOR ours"},
      {"tea", "some dice", "ALLOW"},
      {"other", "some dice", "REVIEW gambling.dice: KIND_OPERATOR ours"},
      {"acme", "the rival", "BLOCK gambling.acme_rival: KIND_TENANT acme"},
      {"tea", "the rival", "ALLOW"},
      {"other", "the rival", "ALLOW"},
  };
  int id = 0;
  for (const auto& c : cases) {
    SCOPED_TRACE(StrCat(c.tenant, ": ", c.text));
    v1::CheckContentRequest request = ContentRequest(StrCat("content-", ++id), c.text);
    request.set_parent(StrCat("tenants/", c.tenant));
    v1::Verdict verdict;
    const grpc::Status status = server.checks().CheckContent(NewContext().get(), request, &verdict);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(Told(verdict), c.told);

    v1::GetVerdictRequest get;
    get.set_name(verdict.name());
    v1::Verdict stored;
    ASSERT_TRUE(server.checks().GetVerdict(NewContext().get(), get, &stored).ok());
    EXPECT_EQ(Told(stored), c.told);

    v1::CheckFileRequest::Header header = FileHeader(StrCat("file-", id));
    header.set_parent(StrCat("tenants/", c.tenant));
    v1::Verdict of_file;
    ASSERT_TRUE(CheckFile(server.checks(), header, c.text, &of_file).ok());
    EXPECT_EQ(Told(of_file), c.told);

    // Batches of plain texts take a way of their own.
    v1::BatchCheckContentsRequest batch;
    batch.set_parent(request.parent());
    for (int i = 0; i < 3; ++i) {
      v1::CheckContentRequest* item = batch.add_requests();
      *item = request;
      item->mutable_content()->set_content_id(StrCat("batch-", id, "-", i));
      if (i == 1) item->mutable_content()->mutable_fields(0)->set_text("a tea house");
    }
    v1::BatchCheckContentsResponse answers;
    ASSERT_TRUE(server.checks().BatchCheckContents(NewContext().get(), batch, &answers).ok());
    ASSERT_EQ(answers.results_size(), 3);
    EXPECT_EQ(Told(answers.results(0).verdict()), c.told);
    EXPECT_EQ(Told(answers.results(1).verdict()), "ALLOW");
    EXPECT_EQ(Told(answers.results(2).verdict()), c.told);
  }
  server.Stop();
}

// A pack with other layers comes into use by a reload, and tenants follow at once.
TEST(LayersTest, AReloadExchangesLayers) {
  Winnowd server;
  server.Start();
  const auto check = [&] {
    v1::CheckContentRequest request = ContentRequest("content", "a casino");
    v1::Verdict verdict;
    EXPECT_TRUE(server.checks().CheckContent(NewContext().get(), request, &verdict).ok());
    return Told(verdict);
  };
  EXPECT_EQ(check(), "ALLOW");
  WriteLayeredPack(server.pack_path());
  v1::ActivePack pack;
  ASSERT_TRUE(server.packs().ReloadPack(NewContext().get(), {}, &pack).ok());
  EXPECT_EQ(check(), "REVIEW gambling.casino: KIND_TENANT acme");
  WriteTestPack(server.pack_path());
  ASSERT_TRUE(server.packs().ReloadPack(NewContext().get(), {}, &pack).ok());
  EXPECT_EQ(check(), "ALLOW");
  server.Stop();
}

}  // namespace
}  // namespace winnow
