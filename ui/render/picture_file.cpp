// Pictures as files: SVG as it is, PNG and PDF through librsvg and Cairo.
#include <cairo-pdf.h>
#include <cairo.h>
#include <librsvg/rsvg.h>

#include <cmath>
#include <memory>

#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"
#include "ui/render/svg_ladder.hpp"

namespace synscope::render {

namespace {

enum class Format : std::uint8_t { Svg, Png, Pdf };

std::optional<Format> format_of(std::string_view path) {
    if (path.ends_with(".svg")) return Format::Svg;
    if (path.ends_with(".png")) return Format::Png;
    if (path.ends_with(".pdf")) return Format::Pdf;
    return std::nullopt;
}

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Handle = std::unique_ptr<RsvgHandle, Deleter<g_object_unref>>;
using Surface = std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Deleter<cairo_destroy>>;

UserError cannot(std::string_view why, const std::string& path) {
    return {concat("the picture cannot be written: ", why), path, "choose a path that can be written"};
}

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

Result<void, UserError> draw(RsvgHandle* handle, cairo_surface_t* surface, double width, double height,
                             const std::string& path) {
    const Cairo cairo(cairo_create(surface));
    const RsvgRectangle viewport{0, 0, width, height};
    GError* error = nullptr;
    if (rsvg_handle_render_document(handle, cairo.get(), &viewport, &error) == 0) {
        const std::string why = error != nullptr ? error->message : "librsvg gave no reason";
        g_clear_error(&error);
        return failure(cannot(why, path));
    }
    return {};
}

/// The SVG as PNG or PDF bytes.
Result<std::string, UserError> converted(const std::string& svg, Format format, const std::string& path) {
    GError* error = nullptr;
    const Handle handle(
        rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
    if (!handle) {
        const std::string why = error != nullptr ? error->message : "librsvg gave no reason";
        g_clear_error(&error);
        return failure(cannot(why, path));
    }
    double width = 0;
    double height = 0;
    if (rsvg_handle_get_intrinsic_size_in_pixels(handle.get(), &width, &height) == 0)
        return failure(cannot("it has no size", path));
    std::string bytes;
    if (format == Format::Pdf) {
        const Surface surface(cairo_pdf_surface_create_for_stream(append_bytes, &bytes, width, height));
        if (auto drawn = draw(handle.get(), surface.get(), width, height, path); !drawn)
            return failure(drawn.error());
        cairo_surface_finish(surface.get());
        if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
            return failure(cannot(cairo_status_to_string(status), path));
        return bytes;
    }
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(std::ceil(width)),
                                                     static_cast<int>(std::ceil(height))));
    if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return failure(cannot(cairo_status_to_string(status), path));
    if (auto drawn = draw(handle.get(), surface.get(), width, height, path); !drawn)
        return failure(drawn.error());
    if (const auto status = cairo_surface_write_to_png_stream(surface.get(), append_bytes, &bytes);
        status != CAIRO_STATUS_SUCCESS)
        return failure(cannot(cairo_status_to_string(status), path));
    return bytes;
}

}  // namespace

Result<void, UserError> check_picture_path(const std::string& path) {
    if (format_of(path)) return {};
    return failure(UserError{"the picture's file name has no known ending", path, "use .svg, .png or .pdf"});
}

Result<void, UserError> write_picture(const std::string& path, const model::TraceSource& source,
                                      const track::Tracker& tracker, const SvgOptions& options) {
    if (auto known = check_picture_path(path); !known) return known;
    const Format format = *format_of(path);
    std::string bytes = svg_ladder(source, tracker, options);
    if (format != Format::Svg) {
        auto other = converted(bytes, format, path);
        if (!other) return failure(other.error());
        bytes = std::move(*other);
    }
    auto file = trace::SafeFile::create(path, trace::kSharedMode);
    if (!file) return failure(file.error());
    if (auto written = file->write(bytes); !written) return written;
    return file->commit();
}

}  // namespace synscope::render
