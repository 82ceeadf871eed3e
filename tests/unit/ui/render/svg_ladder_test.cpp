#include "ui/render/svg_ladder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/unit/ui/model/made_trace.hpp"
#include "tests/unit/ui/render/golden.hpp"
#include "ui/model/timeline.hpp"
#include "ui/render/views.hpp"

// Fontconfig and Pango keep caches until the process ends.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\nleak:libpango\n";
}

namespace synscope::render {
namespace {

using namespace model::test;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Read {
    MadeTrace trace;
    model::TraceReader reader;
    explicit Read(const std::string& marker = "handshake", const std::string& server = "server") {
        trace.actors("client", server);
        trace.marker(50, marker);
        add_talk(trace, 100, {.delayed_close = false});
        reader.settle(trace);
    }
    [[nodiscard]] std::string svg(const SvgOptions& options) const {
        return svg_ladder(trace, reader.tracker(), options);
    }
};

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "synscope-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::set<std::string> entries() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            names.insert(entry.path().filename().string());
        return names;
    }

  private:
    std::filesystem::path path_;
};

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SvgLadder, IsAsItWas) {
    expect_golden("ladder.svg", Read().svg({}));
}

TEST(SvgLadder, RefersToNothingOutside) {
    const std::string svg = Read().svg({});
    EXPECT_THAT(svg, Not(HasSubstr("href")));
    EXPECT_EQ(svg.find("http", svg.find("http") + 1), std::string::npos) << "only the namespace";
    EXPECT_THAT(svg, Not(HasSubstr("@import")));
}

TEST(SvgLadder, HostileTextStaysText) {
    const Read read("</text><script>alert(1)</script>\x1b[31m", "\"><image href=\"file:///etc/passwd\"/>");
    const std::string svg = read.svg({.title = "<b>&\x01"});
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("<image")));
    EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
    EXPECT_THAT(svg, HasSubstr("&lt;b&gt;&amp;\\x01"));
}

TEST(SvgLadder, HasTheSizeAskedFor) {
    EXPECT_THAT(Read().svg({.width = 1920, .height = 1080}), HasSubstr("width=\"1920\" height=\"1080\""));
}

TEST(Picture, EveryFormatIsWrittenWholeAndNothingElse) {
    const Folder folder;
    const Read read;
    for (const auto& [name, magic] :
         {std::pair{"a.svg", "<svg"}, std::pair{"a.png", "\x89PNG"}, std::pair{"a.pdf", "%PDF"}}) {
        const auto written = write_picture(folder.file(name), read.trace, read.reader.tracker(), {});
        ASSERT_TRUE(written) << written.error().what;
        EXPECT_THAT(bytes_of(folder.file(name)), StartsWith(magic));
    }
    EXPECT_EQ(folder.entries(), (std::set<std::string>{"a.pdf", "a.png", "a.svg"}));
}

TEST(Picture, UnknownEndingAndUnwritablePlaceAreRefused) {
    const Folder folder;
    const Read read;
    EXPECT_THAT(write_picture(folder.file("a.gif"), read.trace, read.reader.tracker(), {}).error().hint,
                HasSubstr(".png"));
    EXPECT_FALSE(write_picture(folder.file("none/a.svg"), read.trace, read.reader.tracker(), {}));
    std::filesystem::create_directory(folder.file("taken.svg"));
    EXPECT_FALSE(write_picture(folder.file("taken.svg"), read.trace, read.reader.tracker(), {}));
    EXPECT_EQ(folder.entries(), (std::set<std::string>{"taken.svg"})) << "nothing half-written is left";
}

TEST(Views, EachHasANameAndASentence) {
    ASSERT_FALSE(views().empty());
    for (const View& view : views()) {
        EXPECT_FALSE(view.name.empty());
        EXPECT_EQ(view.sentence.back(), '.');
    }
}

}  // namespace
}  // namespace synscope::render
