#pragma once
// The operating system's side of the window: GLFW, OpenGL 3 and the ImGui context, opened and closed
// together.
//
// Nothing here knows about packets. Thread rule: the main thread (GLFW's rule). One at a time.

#include <memory>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "ui/model/commands.hpp"
#include "ui/model/theme.hpp"

struct GLFWwindow;

namespace synscope::window {

class Shell {
  public:
    struct Options {
        std::string title;
        int width = 1280;  ///< at content scale 1
        int height = 720;
    };
    /// Fails cleanly, saying what to do, when there is no display or no OpenGL 3.
    [[nodiscard]] static Result<std::unique_ptr<Shell>, UserError> open(const Options& options);
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;
    ~Shell();

    /// Sleeps until there is input, at most `seconds`. True when there was any.
    bool wait(double seconds);
    [[nodiscard]] bool close_requested() const;
    /// Pixels per logical pixel, as the desktop says; changes when the window moves to another monitor.
    [[nodiscard]] float content_scale() const noexcept { return scale_; }

    void begin_frame();
    /// Draws what ImGui collected onto `background`; the frame is not shown yet, so that it can be read back.
    void render(model::Colour background);
    void present();
    /// The font atlas was built anew: hand it to the graphics card.
    void upload_fonts();
    /// The frame just rendered, rows from the top, 4 bytes a pixel: B, G, R, unused.
    struct Image {
        int width = 0;
        int height = 0;
        std::vector<unsigned char> pixels;
    };
    [[nodiscard]] Image read_back() const;

    /// Keys pressed since the last call, in order, auto-repeat included.
    [[nodiscard]] std::vector<model::KeyPress> take_keys();

  private:
    Shell() = default;
    void install_callbacks();
    void on_key(int key, int action, int mods);

    GLFWwindow* window_ = nullptr;
    bool glfw_ = false;
    bool imgui_ = false;
    bool backends_ = false;
    float scale_ = 1;
    bool input_ = false;
    std::vector<model::KeyPress> keys_;
};

}  // namespace synscope::window
