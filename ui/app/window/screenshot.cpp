#include "ui/app/window/screenshot.hpp"

#include <cairo.h>

#include "capture/trace/safe_file.hpp"

namespace synscope::window {

namespace {

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Result<void, UserError> save_png(const Shell::Image& image, const std::string& path) {
    // cairo keeps the pointer for the surface's life only, and does not write through it here.
    auto pixels = image.pixels;
    cairo_surface_t* surface = cairo_image_surface_create_for_data(
        pixels.data(), CAIRO_FORMAT_RGB24, image.width, image.height, image.width * 4);
    std::string png;
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface, append_bytes, &png);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return failure(UserError{"the picture could not be made", path, cairo_status_to_string(status)});
    auto file = trace::SafeFile::create(path, trace::kSharedMode);
    if (!file) return failure(file.error());
    if (auto written = file->write(png); !written) return written;
    return file->commit();
}

}  // namespace synscope::window
