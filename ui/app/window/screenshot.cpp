#include "ui/app/window/screenshot.hpp"

#include <cairo.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace synscope::window {

Result<void, UserError> save_png(const Shell::Image& image, const std::string& path) {
    // cairo keeps the pointer for the surface's life only, and does not write through it here.
    auto pixels = image.pixels;
    cairo_surface_t* surface = cairo_image_surface_create_for_data(
        pixels.data(), CAIRO_FORMAT_RGB24, image.width, image.height, image.width * 4);
    const std::string partial = path + ".partial";
    const cairo_status_t status = cairo_surface_write_to_png(surface, partial.c_str());
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        std::remove(partial.c_str());
        return failure(UserError{"the picture could not be written", path, cairo_status_to_string(status)});
    }
    if (std::rename(partial.c_str(), path.c_str()) != 0) {
        const int error = errno;
        std::remove(partial.c_str());
        return failure(UserError{"the picture could not be written", path, std::strerror(error)});
    }
    return {};
}

}  // namespace synscope::window
