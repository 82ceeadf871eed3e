#include "net/base/escape.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

namespace synscope {
namespace {

constexpr Medium kMedia[] = {Medium::Terminal, Medium::Markup, Medium::FileName, Medium::Tsv};

std::string terminal(std::string_view text) {
    return escaped(text, Medium::Terminal);
}

/// Written for this test alone, so that a mistake in escape.cpp's own decoder cannot hide itself. Nothing
/// when `text` is not valid UTF-8.
std::optional<std::vector<char32_t>> code_points(std::string_view text) {
    std::vector<char32_t> out;
    for (std::size_t i = 0; i < text.size();) {
        const auto at = [&](std::size_t k) -> unsigned {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
        };
        const auto tail = [&](std::size_t k) { return (at(k) & 0xc0) == 0x80; };
        if (at(0) < 0x80) {
            out.push_back(at(0));
            i += 1;
        } else if ((at(0) & 0xe0) == 0xc0 && tail(1)) {
            out.push_back((at(0) & 0x1f) << 6 | (at(1) & 0x3f));
            if (out.back() < 0x80) return std::nullopt;
            i += 2;
        } else if ((at(0) & 0xf0) == 0xe0 && tail(1) && tail(2)) {
            out.push_back((at(0) & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f));
            if (out.back() < 0x800 || (out.back() >= 0xd800 && out.back() < 0xe000)) return std::nullopt;
            i += 3;
        } else if ((at(0) & 0xf8) == 0xf0 && tail(1) && tail(2) && tail(3)) {
            out.push_back((at(0) & 0x07) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f));
            if (out.back() < 0x10000 || out.back() > 0x10ffff) return std::nullopt;
            i += 4;
        } else {
            return std::nullopt;
        }
    }
    return out;
}

/// The ranges of Unicode that steer a reader or a terminal, from the standard's charts rather than from
/// escape.cpp.
bool dangerous(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
    const bool bidi = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                      (c >= 0x2066 && c <= 0x2069);
    const bool invisible = c == 0x00ad || (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff;
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool tag = c >= 0xe0000 && c <= 0xe007f;
    const bool own = (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000;
    const bool none = (c & 0xfffe) == 0xfffe;
    return control || bidi || invisible || separator || tag || own || none;
}

void expect_harmless(const std::string& out, Medium medium, const std::string& about) {
    const auto points = code_points(out);
    ASSERT_TRUE(points) << "not valid UTF-8: " << about;
    for (const char32_t c : *points)
        ASSERT_FALSE(dangerous(c)) << "U+" << std::hex << static_cast<std::uint32_t>(c) << ": " << about;
    if (medium == Medium::Markup) {
        ASSERT_EQ(out.find_first_of("<>\"'"), std::string::npos) << about;
        for (std::size_t at = out.find('&'); at != std::string::npos; at = out.find('&', at + 1)) {
            const std::string rest = out.substr(at, 6);
            ASSERT_TRUE(rest.starts_with("&amp;") || rest.starts_with("&lt;") || rest.starts_with("&gt;") ||
                        rest.starts_with("&quot;") || rest.starts_with("&#39;"))
                << out << ": " << about;
        }
    }
    if (medium == Medium::FileName) {
        ASSERT_FALSE(out.empty()) << about;
        ASSERT_EQ(out.find('/'), std::string::npos) << about;
        ASSERT_NE(out[0], '.') << about;
        ASSERT_NE(out[0], '-') << about;
    }
}

TEST(Escape, PlainTextStaysAsItIs) {
    EXPECT_EQ(terminal("GET /index.html"), "GET /index.html");
    EXPECT_EQ(terminal("Stra\xc3\x9f"
                       "e \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80"),
              "Stra\xc3\x9f"
              "e \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80");
}

TEST(Escape, TerminalSequencesLoseTheirEscape) {
    EXPECT_EQ(terminal("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
    EXPECT_EQ(terminal("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(terminal("\x1b]52;c;ZWNobw==\x1b\\"), "\\x1b]52;c;ZWNobw==\\x1b\\\\");
    EXPECT_EQ(terminal("a\rb\nc\td\b\x7f"), "a\\x0db\\x0ac\\x09d\\x08\\x7f");
    EXPECT_EQ(escaped(std::string_view("\0x", 2), Medium::Terminal), "\\x00x");
}

TEST(Escape, TheEightBitControlsAreEscapedInBothEncodings) {
    EXPECT_EQ(terminal("\x9b"
                       "31m"),
              "\\x9b31m");  // a bare byte: not UTF-8
    EXPECT_EQ(terminal("\xc2\x9b"
                       "31m"),
              "\\u{9b}31m");                      // U+009B, CSI
    EXPECT_EQ(terminal("\xc2\x85"), "\\u{85}");   // NEL
    EXPECT_EQ(terminal("\xc2\xa0"), "\xc2\xa0");  // no-break space is a space
}

TEST(Escape, BidirectionalControlsAreEscaped) {
    EXPECT_EQ(terminal("user\xe2\x80\xae"
                       "txt.exe"),
              "user\\u{202e}txt.exe");
    for (const auto& [text, code] :
         std::vector<std::pair<std::string, std::string>>{{"\xe2\x80\xaa", "\\u{202a}"},
                                                          {"\xe2\x80\xad", "\\u{202d}"},
                                                          {"\xe2\x81\xa6", "\\u{2066}"},
                                                          {"\xe2\x81\xa9", "\\u{2069}"},
                                                          {"\xe2\x80\x8e", "\\u{200e}"},
                                                          {"\xe2\x80\x8f", "\\u{200f}"},
                                                          {"\xd8\x9c", "\\u{61c}"}})
        EXPECT_EQ(terminal(text), code);
}

TEST(Escape, InvisibleCharactersBecomeVisible) {
    for (const auto& [text, code] :
         std::vector<std::pair<std::string, std::string>>{{"\xe2\x80\x8b", "\\u{200b}"},
                                                          {"\xe2\x80\x8d", "\\u{200d}"},
                                                          {"\xef\xbb\xbf", "\\u{feff}"},
                                                          {"\xe2\x80\xa8", "\\u{2028}"},
                                                          {"\xe2\x80\xa9", "\\u{2029}"},
                                                          {"\xc2\xad", "\\u{ad}"},
                                                          {"\xe2\x81\xa0", "\\u{2060}"},
                                                          {"\xf3\xa0\x81\x81", "\\u{e0041}"},
                                                          {"\xee\x80\x80", "\\u{e000}"},
                                                          {"\xef\xbf\xbe", "\\u{fffe}"},
                                                          {"\xf4\x8f\xbf\xbf", "\\u{10ffff}"}})
        EXPECT_EQ(terminal(text), code);
}

TEST(Escape, InvalidUtf8IsShownByteByByte) {
    EXPECT_EQ(terminal("\xff"), "\\xff");
    EXPECT_EQ(terminal("a\xe4\xbd"), "a\\xe4\\xbd");  // cut short
    EXPECT_EQ(terminal("\xe4"
                       "A"),
              "\\xe4"
              "A");                                 // the letter is not swallowed
    EXPECT_EQ(terminal("\xc0\xaf"), "\\xc0\\xaf");  // overlong slash
    EXPECT_EQ(terminal("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
    EXPECT_EQ(terminal("\xc1\x9b"), "\\xc1\\x9b");
    EXPECT_EQ(terminal("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf");
    EXPECT_EQ(terminal("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
    EXPECT_EQ(terminal("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
    EXPECT_EQ(terminal("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80");
    EXPECT_EQ(terminal("\x80"), "\\x80");
}

TEST(Escape, ABackslashCannotFakeAnEscape) {
    EXPECT_EQ(terminal("\\x1b"), "\\\\x1b");
    EXPECT_NE(terminal("\\x1b"), terminal("\x1b"));
}

TEST(Escape, MarkupIsInert) {
    EXPECT_EQ(escaped("<script>alert(\"x\")</script> & 'y'", Medium::Markup),
              "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;");
    EXPECT_EQ(escaped("&lt;", Medium::Markup), "&amp;lt;");
    EXPECT_EQ(escaped("]]>", Medium::Markup), "]]&gt;");
    EXPECT_EQ(escaped("\x1b<", Medium::Markup), "\\x1b&lt;");
    EXPECT_EQ(terminal("<b>"), "<b>") << "only markup needs entities";
}

TEST(Escape, FileNamesStayInTheirFolder) {
    EXPECT_EQ(escaped("../../etc/passwd", Medium::FileName), "\\x2e.\\x2f..\\x2fetc\\x2fpasswd");
    EXPECT_EQ(escaped("-rf", Medium::FileName), "\\x2drf");
    EXPECT_EQ(escaped(".", Medium::FileName), "\\x2e");
    EXPECT_EQ(escaped("", Medium::FileName), "_");
    EXPECT_EQ(escaped("a-b.txt", Medium::FileName), "a-b.txt");
    EXPECT_EQ(escaped(std::string_view("a\0b", 3), Medium::FileName), "a\\x00b");
}

TEST(Escape, ATsvCellStaysOneCell) {
    EXPECT_EQ(escaped("a\tb\nc", Medium::Tsv), "a\\x09b\\x0ac");
}

TEST(Escape, EveryCodePointComesOutHarmless) {
    for (char32_t c = 0; c <= 0x10ffff; ++c) {
        if (c >= 0xd800 && c < 0xe000) continue;
        std::string text;
        const auto put = [&](std::uint32_t byte) {
            text += static_cast<char>(static_cast<unsigned char>(byte));
        };
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
        } else {
            put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)),
                put(0x80 | (c & 0x3f));
        }
        ASSERT_NO_FATAL_FAILURE(expect_harmless(terminal(text), Medium::Terminal, "a single code point"));
    }
}

TEST(Escape, WhateverGoesInNothingHarmfulComesOut) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    // Pieces that mean something, so that random strings hold halves and mixtures of them and not only noise.
    const std::vector<std::string> pieces = {"\x1b[",
                                             "\x1b]0;",
                                             "\xc2\x9b",
                                             "\xe2\x80\xae",
                                             "\xe2\x81\xa6",
                                             "\xe2\x80\x8b",
                                             "<script",
                                             "&",
                                             "\"",
                                             "'",
                                             "../",
                                             "/",
                                             "\\x1b",
                                             "\xf3\xa0\x81",
                                             "\xef\xbb\xbf",
                                             "\xe4\xbd\xa0",
                                             "\xf0\x9f",
                                             ".",
                                             "-",
                                             "\xed\xa0\x80"};
    for (int round = 0; round < 20'000; ++round) {
        std::string in;
        const std::size_t parts = random() % 12;
        for (std::size_t i = 0; i < parts; ++i) {
            const std::string& piece = pieces[random() % pieces.size()];
            if (random() % 2 == 0)
                in += piece.substr(0, 1 + random() % piece.size());
            else
                for (std::size_t n = random() % 6; n > 0; --n)
                    in += static_cast<char>(static_cast<unsigned char>(random() & 0xff));
        }
        for (const Medium medium : kMedia) {
            const std::string about = "round " + std::to_string(round) + ", seed " + std::to_string(seed);
            ASSERT_NO_FATAL_FAILURE(expect_harmless(escaped(in, medium), medium, about));
        }
    }
}

}  // namespace
}  // namespace synscope
