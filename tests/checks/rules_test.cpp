// Each rule is shown something bad, and something good that looks like it. A rule that cannot fail is no
// rule.

#include "tests/checks/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synscope::checks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SourceFile at(std::string path, std::string text) {
    return source_file(std::move(path), std::move(text));
}

TEST(Blanking, RemovesCommentsAndLiteralsAndKeepsLines) {
    EXPECT_EQ(blanked("a; // time(0)\nb;"), "a;           \nb;");
    EXPECT_EQ(blanked("a /* x\ny */ b"), "a     \n     b");
    EXPECT_EQ(blanked(R"(f("std::thread", '"');)"), R"(f("           ", ' ');)");
    EXPECT_EQ(blanked("R\"(a \" // b)\" c"), "R\"          \" c");
    EXPECT_EQ(blanked("1'000 + x; // y"), "1'000 + x;     ");
    EXPECT_EQ(blanked(R"-("\"time(0)" time(0))-"), R"-("         " time(0))-");
}

TEST(Arrows, MayNotPointBack) {
    EXPECT_THAT(arrows(at("net/base/a.hpp", "#include \"net/wire/tcp.hpp\"\n")), SizeIs(1));
    EXPECT_THAT(arrows(at("net/wire/a.hpp", "#include \"net/base/seq32.hpp\"\n")), IsEmpty());
    EXPECT_THAT(arrows(at("ui/view/a.cpp", "\n  #  include \"capture/trace/store.hpp\"\n")), SizeIs(1));
    EXPECT_THAT(arrows(at("net/host/a.cpp", "#include \"capture/pcapng/block.hpp\"\n")), IsEmpty());
    EXPECT_THAT(arrows(at("net/host/a.cpp", "#include \"net/lab/lab.hpp\"\n")), SizeIs(1));
    EXPECT_THAT(arrows(at("net/base/a.cpp", "// #include \"ui/app/main.hpp\"\n")), IsEmpty());
}

TEST(Arrows, UnknownFolderIsAskedAbout) {
    const auto findings = arrows(at("net/new/a.cpp", ""));
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_THAT(findings[0].what, HasSubstr("table of arrows"));
}

TEST(PrivateHeaders, StayWhereTheyBelong) {
    EXPECT_THAT(private_headers(at("net/lab/a.cpp", "#include <pcap.h>\n")), SizeIs(1));
    EXPECT_THAT(private_headers(at("net/lab/a.cpp", "#include <pcap/pcap.h>\n")), SizeIs(1));
    EXPECT_THAT(private_headers(at("capture/source/a.cpp", "#include <pcap.h>\n")), IsEmpty());
    EXPECT_THAT(private_headers(at("ui/render/a.cpp", "#include <imgui_internal.h>\n")), SizeIs(1));
    EXPECT_THAT(private_headers(at("ui/view/a.cpp", "#include <imgui.h>\n")), IsEmpty());
    EXPECT_THAT(private_headers(at("capture/trace/a.cpp", "#include <sys/socket.h>\n")), SizeIs(1));
    EXPECT_THAT(private_headers(at("net/host/a.cpp", "#include <sys/socket.h>\n")), IsEmpty());
    EXPECT_THAT(private_headers(at("net/engine/a.cpp", "#include <yaml-cpp/yaml.h>\n")), SizeIs(1));
    EXPECT_THAT(private_headers(at("ui/app/a.cpp", "#include <source_location>\n")), SizeIs(1));
}

TEST(Clocks, AreReadInFewFolders) {
    EXPECT_THAT(clocks(at("capture/track/a.cpp", "auto t = std::chrono::steady_clock::now();")), SizeIs(1));
    EXPECT_THAT(clocks(at("capture/track/a.cpp", "auto t = std::time(nullptr);")), SizeIs(1));
    EXPECT_THAT(clocks(at("capture/track/a.cpp", "auto t = ::time(0);")), SizeIs(1));
    EXPECT_THAT(clocks(at("capture/track/a.cpp", "auto t = viewport.time(0);")), IsEmpty());
    EXPECT_THAT(clocks(at("capture/track/a.cpp", "auto t = to_time(0); // steady_clock")), IsEmpty());
    EXPECT_THAT(clocks(at("net/host/a.cpp", "clock_gettime(CLOCK_MONOTONIC, &now);")), IsEmpty());
    EXPECT_THAT(clocks(at("capture/source/program/a.cpp", "clock_gettime(CLOCK_REALTIME, &now);")),
                IsEmpty());
    EXPECT_THAT(clocks(at("capture/source/a.cpp", "clock_gettime(CLOCK_REALTIME, &now);")), SizeIs(1));
    EXPECT_THAT(clocks(at("ui/view/a.cpp", "clock_gettime(CLOCK_MONOTONIC, &now);")), SizeIs(1));
}

TEST(PureFolders, HaveNoSystemNoThreadsNoState) {
    const auto findings_in = [](const char* text) { return pure_features(at("net/wire/a.cpp", text)); };
    EXPECT_THAT(findings_in("#include <thread>\n"), SizeIs(1));
    EXPECT_THAT(findings_in("#include <sys/types.h>\n"), SizeIs(1));
    EXPECT_THAT(findings_in("#include <fmt/core.h>\n"), SizeIs(1));
    EXPECT_THAT(findings_in("#include <string>\n#include <vector>\n"), IsEmpty());
    EXPECT_THAT(findings_in("std::ranges::sort(x);"), SizeIs(1));
    EXPECT_THAT(findings_in("auto s = std::format(\"{}\", 1);"), SizeIs(1));
    EXPECT_THAT(findings_in("std::shared_ptr<int> p;"), SizeIs(1));
    EXPECT_THAT(findings_in("    static int calls = 0;"), SizeIs(1));
    EXPECT_THAT(findings_in("    static std::vector<int> cache;"), SizeIs(1));
    EXPECT_THAT(findings_in("    static constexpr int kLimit = 3;"), IsEmpty());
    EXPECT_THAT(findings_in("    static Seq32 of(int);"), IsEmpty());
    EXPECT_THAT(findings_in("    static_assert(true);"), IsEmpty());
    EXPECT_THAT(pure_features(at("net/host/a.cpp", "#include <thread>\nstatic int x = 0;")), IsEmpty());
}

TEST(PureFolders, SourceLocationIsRefusedEverywhere) {
    EXPECT_THAT(pure_features(at("net/host/a.cpp", "void f(std::source_location where);")), SizeIs(1));
}

TEST(BuildFiles, NameEverySource) {
    const std::vector<SourceFile> build{
        {"net/wire/CMakeLists.txt", "synscope_add_library(NAME net_wire SOURCES tcp.cpp udp/x.cpp)", {}, {}}};
    EXPECT_THAT(unlisted({at("net/wire/tcp.cpp", ""), at("net/wire/udp/x.cpp", "")}, build), IsEmpty());
    EXPECT_THAT(unlisted({at("net/wire/arp.cpp", "")}, build), SizeIs(1));
    EXPECT_THAT(unlisted({at("net/base/tcp.cpp", "")}, build), SizeIs(1));
    EXPECT_THAT(unlisted({at("net/wire/cp.cpp", "")}, build), SizeIs(1));
}

TEST(Length, FilesHaveALimit) {
    std::string text;
    for (std::size_t i = 0; i < kFileLines; ++i) {
        text += "int x;\n";
    }
    EXPECT_THAT(long_files(at("net/wire/a.cpp", text)), IsEmpty());
    EXPECT_THAT(long_files(at("net/wire/a.cpp", text + "int y;\n")), SizeIs(1));
}

std::string function_of(std::size_t lines, const std::string& head) {
    std::string text = "namespace n {\n" + head + " {\n";
    for (std::size_t i = 0; i + 2 < lines; ++i) {
        text += "    if (x) { f(); }\n";
    }
    return text + "}\n}  // namespace n\n";
}

TEST(Length, FunctionsAreMeasuredByTheirBraces) {
    EXPECT_THAT(long_functions(at("a.cpp", function_of(kFunctionLines, "int f(int x)"))), IsEmpty());
    for (const auto* head : {"int f(int x)", "template <class T> auto g(const T& t) -> int",
                             "bool operator==(const X& a, const X& b)", "C::C(int a) : a_{a}, b_(a)"}) {
        EXPECT_THAT(long_functions(at("a.cpp", function_of(kFunctionLines + 1, head))), SizeIs(1)) << head;
    }
    EXPECT_THAT(long_functions(at("a.cpp", function_of(kFunctionLines + 1, "class C"))), IsEmpty());
    EXPECT_THAT(long_functions(at("a.cpp", function_of(kFunctionLines + 1, "constexpr int kTable[] ="))),
                IsEmpty());
}

TEST(MachinePaths, AreFound) {
    const std::string home = std::string{"/ho"} + "me/somebody";
    EXPECT_THAT(machine_paths({"README.md", "see\n" + home + "/x", {}, {}}), SizeIs(1));
    EXPECT_THAT(machine_paths({"README.md", "tests" + home, {}, {}}), IsEmpty());
    EXPECT_THAT(machine_paths({"tests/unit/a_test.cpp", "quoted(\"" + home + "\")", {}, {}}), IsEmpty());
    EXPECT_THAT(machine_paths({"a.sh", "$root/scripts ${x}" + home, {}, {}}), IsEmpty());
}

TEST(Documents, NameScriptsThatExist) {
    const SourceFile readme{"README.md", "`scripts/run` and\n`scripts/rnu demo`, in scripts/", {}, {}};
    const auto findings = missing_scripts(readme, {"scripts/run", "scripts/test"});
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_EQ(findings[0].line, 2u);
    EXPECT_THAT(findings[0].what, HasSubstr("scripts/rnu "));
}

TEST(Documents, CommandsAreReadFromCodeOnly) {
    EXPECT_THAT(missing_scripts({"a.md", "`scripts/packages.sh`. See scripts/run.", {}, {}},
                                {"scripts/packages.sh", "scripts/run"}),
                IsEmpty());
    EXPECT_THAT(commands_in("the synscope program\n`synscope demo --text` `x | synscope open -`\n"
                            "```\nsynscope analyze a.pcap\nsynscope --help\n```\n"),
                ElementsAre("analyze", "demo", "open"));
}

}  // namespace
}  // namespace synscope::checks
