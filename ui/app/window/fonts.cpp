#include "ui/app/window/fonts.hpp"

#include <fcntl.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include <imgui.h>
#include <imgui_freetype.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace synscope::window {

namespace {

using Pattern = std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)>;
using Config = std::unique_ptr<FcConfig, decltype(&FcConfigDestroy)>;

/// A file kept mapped: a CJK collection has 20 MB, of which a few pages are read.
class MappedFile {
  public:
    static std::optional<MappedFile> open(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return std::nullopt;
        struct stat status {};
        MappedFile file;
        if (::fstat(fd, &status) == 0 && status.st_size > 0) {
            file.size_ = static_cast<std::size_t>(status.st_size);
            file.data_ = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd, 0);
        }
        ::close(fd);
        if (file.data_ == MAP_FAILED || file.data_ == nullptr) return std::nullopt;
        return file;
    }
    MappedFile(MappedFile&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~MappedFile() {
        if (data_ != nullptr && data_ != MAP_FAILED) ::munmap(data_, size_);
    }
    [[nodiscard]] void* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    MappedFile() = default;
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace

struct FontFiles::Face {
    MappedFile file;
    std::string path;
    int index = 0;  ///< in a collection
    std::unique_ptr<FcCharSet, decltype(&FcCharSetDestroy)> characters;
    /// ImGui's size is from ascender to descender, a metric's is the em: Noto Sans is 1.36 em high.
    float height_per_em = 1;
    [[nodiscard]] bool has(std::uint16_t character) const {
        return FcCharSetHasChar(characters.get(), character) == FcTrue;
    }
};

namespace {

struct Wish {
    const char* family;
    int weight = FC_WEIGHT_REGULAR;
    int spacing = FC_PROPORTIONAL;
    bool exactly = false;  ///< another family in its place is no use
};

float height_per_em(const MappedFile& file, int index) {
    FT_Library library = nullptr;
    FT_Face face = nullptr;
    float ratio = 1;
    if (FT_Init_FreeType(&library) != 0) return ratio;
    if (FT_New_Memory_Face(library, static_cast<const FT_Byte*>(file.data()),
                           static_cast<FT_Long>(file.size()), index, &face) == 0) {
        if (face->units_per_EM > 0)
            ratio =
                static_cast<float>(face->ascender - face->descender) / static_cast<float>(face->units_per_EM);
        FT_Done_Face(face);
    }
    FT_Done_FreeType(library);
    return ratio > 0.5F && ratio < 4 ? ratio : 1;
}

std::unique_ptr<FontFiles::Face> match(FcConfig* config, const Wish& wish) {
    const Pattern pattern(FcPatternCreate(), &FcPatternDestroy);
    FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>(wish.family));
    FcPatternAddInteger(pattern.get(), FC_WEIGHT, wish.weight);
    FcPatternAddInteger(pattern.get(), FC_SPACING, wish.spacing);
    FcPatternAddBool(pattern.get(), FC_SCALABLE, FcTrue);
    FcConfigSubstitute(config, pattern.get(), FcMatchPattern);
    FcDefaultSubstitute(pattern.get());
    FcResult outcome = FcResultNoMatch;
    const Pattern found(FcFontMatch(config, pattern.get(), &outcome), &FcPatternDestroy);
    if (!found) return nullptr;
    FcChar8* path = nullptr;
    FcChar8* family = nullptr;
    FcCharSet* characters = nullptr;
    int index = 0;
    if (FcPatternGetString(found.get(), FC_FILE, 0, &path) != FcResultMatch ||
        FcPatternGetString(found.get(), FC_FAMILY, 0, &family) != FcResultMatch ||
        FcPatternGetCharSet(found.get(), FC_CHARSET, 0, &characters) != FcResultMatch) {
        return nullptr;
    }
    FcPatternGetInteger(found.get(), FC_INDEX, 0, &index);
    if (wish.exactly && FcStrCmpIgnoreCase(family, reinterpret_cast<const FcChar8*>(wish.family)) != 0)
        return nullptr;
    std::string file(reinterpret_cast<const char*>(path));
    auto mapped = MappedFile::open(file);
    if (!mapped) return nullptr;
    // The upper half of the index names an instance of a variable font; the builder takes faces only.
    const int face_index = index & 0xffff;
    const float ratio = height_per_em(*mapped, face_index);
    return std::make_unique<FontFiles::Face>(FontFiles::Face{std::move(*mapped),
                                                             std::move(file),
                                                             face_index,
                                                             {FcCharSetCopy(characters), &FcCharSetDestroy},
                                                             ratio});
}

std::unique_ptr<FontFiles::Face> first_of(FcConfig* config, std::span<const Wish> wishes) {
    for (const Wish& wish : wishes) {
        if (auto face = match(config, wish)) return face;
    }
    return nullptr;
}

UserError no_fonts() {
    return {"no font was found", "fontconfig",
            "install some: apt-get install fonts-noto-core fonts-dejavu-core"};
}

}  // namespace

FontFiles::FontFiles() = default;
FontFiles::FontFiles(FontFiles&&) noexcept = default;
FontFiles& FontFiles::operator=(FontFiles&&) noexcept = default;
FontFiles::~FontFiles() = default;

Result<FontFiles, UserError> FontFiles::find() {
    // A configuration of our own, freed at the end: FcFini would free what others in this process use.
    const Config config(FcInitLoadConfigAndFonts(), &FcConfigDestroy);
    if (!config) return failure(no_fonts());
    FontFiles files;
    files.text_ =
        first_of(config.get(), std::array<Wish, 3>{{{"Noto Sans", FC_WEIGHT_REGULAR, FC_PROPORTIONAL, true},
                                                    {"DejaVu Sans", FC_WEIGHT_REGULAR, FC_PROPORTIONAL, true},
                                                    {"sans-serif"}}});
    files.bold_ =
        first_of(config.get(), std::array<Wish, 3>{{{"Noto Sans", FC_WEIGHT_BOLD, FC_PROPORTIONAL, true},
                                                    {"DejaVu Sans", FC_WEIGHT_BOLD, FC_PROPORTIONAL, true},
                                                    {"sans-serif", FC_WEIGHT_BOLD}}});
    files.mono_ =
        first_of(config.get(), std::array<Wish, 3>{{{"Noto Sans Mono", FC_WEIGHT_REGULAR, FC_MONO, true},
                                                    {"DejaVu Sans Mono", FC_WEIGHT_REGULAR, FC_MONO, true},
                                                    {"monospace", FC_WEIGHT_REGULAR, FC_MONO}}});
    if (!files.text_ || !files.bold_ || !files.mono_) return failure(no_fonts());
    for (const char* family :
         {"DejaVu Sans", "Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans CJK SC"}) {
        if (auto face = match(config.get(), {family, FC_WEIGHT_REGULAR, FC_PROPORTIONAL, true}))
            files.fallbacks_.push_back(std::move(face));
    }
    return files;
}

namespace {

/// Ranges for ImGui: pairs of first and last, then 0. Kept until the atlas is built.
using Ranges = std::vector<ImWchar>;

struct Planned {
    const FontFiles::Face* face;
    Ranges ranges;
};

/// Which face draws which characters: each the first that has it.
std::vector<Planned> plan(const FontFiles::Face& first, const FontFiles& files,
                          std::span<const std::uint16_t> wanted) {
    std::vector<Planned> planned;
    planned.push_back({&first, {0x20, 0x7e}});
    for (const auto& face : files.fallbacks())
        planned.push_back({face.get(), {}});
    for (const std::uint16_t character : wanted) {
        for (Planned& candidate : planned) {
            if (!candidate.face->has(character)) continue;
            candidate.ranges.push_back(character);
            candidate.ranges.push_back(character);
            break;
        }
    }
    for (Planned& each : planned)
        each.ranges.push_back(0);
    return planned;
}

ImFont* add_font(ImFontAtlas& atlas, const std::vector<Planned>& planned, float em_px) {
    ImFont* font = nullptr;
    for (const Planned& part : planned) {
        if (part.ranges.size() == 1) continue;
        ImFontConfig config;
        config.FontDataOwnedByAtlas = false;
        config.FontNo = part.face->index;
        config.MergeMode = font != nullptr;
        config.PixelSnapH = true;
        config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
        ImFont* added = atlas.AddFontFromMemoryTTF(
            part.face->file.data(), static_cast<int>(part.face->file.size()),
            std::round(em_px * part.face->height_per_em), &config, part.ranges.data());
        if (font == nullptr) font = added;
    }
    return font;
}

}  // namespace

BuiltFonts build_atlas(ImFontAtlas& atlas, const FontFiles& files, const model::Metrics& metrics, float scale,
                       std::span<const std::uint16_t> wanted) {
    BuiltFonts built;
    for (std::size_t kept = wanted.size();; kept /= 2) {
        const auto some = wanted.first(kept);
        const auto text = plan(files.text(), files, some);
        const auto bold = plan(files.bold(), files, some);
        const auto mono = plan(files.mono(), files, some);
        const auto size = [scale](float at_scale_1) {
            const float px = at_scale_1 * scale;
            return px < 1 ? 1.0F : px;
        };
        atlas.Clear();
        atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
        atlas.TexDesiredWidth = kept > 1000 ? kAtlasLimit_px : 0;
        built.fonts.text = add_font(atlas, text, size(metrics.text_font));
        built.fonts.bold = add_font(atlas, bold, size(metrics.text_font));
        built.fonts.small = add_font(atlas, text, size(metrics.small_font));
        built.fonts.title = add_font(atlas, bold, size(metrics.title_font));
        built.fonts.mono = add_font(atlas, mono, size(metrics.label_font));
        built.fonts.mono_small = add_font(atlas, mono, size(metrics.small_font));
        atlas.Build();
        built.left_out = wanted.size() - kept;
        if ((atlas.TexWidth <= kAtlasLimit_px && atlas.TexHeight <= kAtlasLimit_px) || kept == 0)
            return built;
    }
}

}  // namespace synscope::window
