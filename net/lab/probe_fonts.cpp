#include "net/base/text.hpp"
#include "net/lab/probes.hpp"

#ifdef SYNSCOPE_HAS_FONTCONFIG
#include <fontconfig/fontconfig.h>

#include <memory>
#include <optional>
#endif

namespace synscope::lab {

#ifdef SYNSCOPE_HAS_FONTCONFIG
namespace {

struct ConfigDestroyer {
    void operator()(FcConfig* config) const { FcConfigDestroy(config); }
};
struct PatternDestroyer {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
using Pattern = std::unique_ptr<FcPattern, PatternDestroyer>;

/// The family that fontconfig picks for `request`, if it really has `sample`: a match is always given, the
/// glyph is not.
std::optional<std::string> family_with(FcConfig* config, const char* request, FcChar32 sample) {
    const auto* name = static_cast<const FcChar8*>(static_cast<const void*>(request));
    const Pattern wanted(FcNameParse(name));
    if (!wanted) return std::nullopt;
    FcConfigSubstitute(config, wanted.get(), FcMatchPattern);
    FcDefaultSubstitute(wanted.get());
    FcResult result = FcResultNoMatch;
    const Pattern font(FcFontMatch(config, wanted.get(), &result));
    FcChar8* family = nullptr;
    FcCharSet* glyphs = nullptr;
    if (!font || FcPatternGetCharSet(font.get(), FC_CHARSET, 0, &glyphs) != FcResultMatch ||
        FcPatternGetString(font.get(), FC_FAMILY, 0, &family) != FcResultMatch ||
        FcCharSetHasChar(glyphs, sample) == FcFalse)
        return std::nullopt;
    return std::string(static_cast<const char*>(static_cast<const void*>(family)));
}

}  // namespace

Probe probe_fonts() {
    constexpr FcChar32 kLatin = 'a';
    constexpr FcChar32 kChinese = 0x8fde;  // the first sign of "connection"
    Probe probe{"fonts", ProbeStatus::Missing, "fontconfig cannot be set up",
                "sudo apt-get install fontconfig"};
    const std::unique_ptr<FcConfig, ConfigDestroyer> config(FcInitLoadConfigAndFonts());
    if (!config) return probe;
    const auto sans = family_with(config.get(), "sans-serif", kLatin);
    const auto chinese = family_with(config.get(), "sans-serif:lang=zh-cn", kChinese);
    probe.remedy = "";
    if (!sans) {
        probe.finding = "there is no sans-serif font";
        probe.remedy = "sudo apt-get install fonts-noto-core fonts-noto-cjk";
    } else if (!chinese) {
        probe.status = ProbeStatus::Degraded;
        probe.finding = concat(*sans, "; no font has Chinese signs: the Chinese texts show boxes");
        probe.remedy = "sudo apt-get install fonts-noto-cjk";
    } else {
        probe.status = ProbeStatus::Ok;
        probe.finding = concat(*sans, ", and ", *chinese, " for Chinese");
    }
    return probe;
}
#else
Probe probe_fonts() {
    return {"fonts", ProbeStatus::Ok, "this build has no window and needs none", ""};
}
#endif

}  // namespace synscope::lab
