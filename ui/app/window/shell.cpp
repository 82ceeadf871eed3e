#include "ui/app/window/shell.hpp"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <optional>
#include <utility>

namespace synscope::window {

namespace {

UserError glfw_failure(std::string what, std::string hint) {
    const char* reason = nullptr;
    glfwGetError(&reason);
    return {std::move(what), reason != nullptr ? reason : "no reason given", std::move(hint)};
}

Shell& shell_of(GLFWwindow* window) {
    return *static_cast<Shell*>(glfwGetWindowUserPointer(window));
}

std::optional<model::Key> named_key(int key) {
    switch (key) {
        case GLFW_KEY_UP:
            return model::Key::Up;
        case GLFW_KEY_DOWN:
            return model::Key::Down;
        case GLFW_KEY_PAGE_UP:
            return model::Key::PageUp;
        case GLFW_KEY_PAGE_DOWN:
            return model::Key::PageDown;
        case GLFW_KEY_HOME:
            return model::Key::Home;
        case GLFW_KEY_END:
            return model::Key::End;
        case GLFW_KEY_ENTER:
        case GLFW_KEY_KP_ENTER:
            return model::Key::Enter;
        case GLFW_KEY_ESCAPE:
            return model::Key::Escape;
        case GLFW_KEY_TAB:
            return model::Key::Tab;
        case GLFW_KEY_F12:
            return model::Key::F12;
        default:
            return std::nullopt;
    }
}

}  // namespace

Result<std::unique_ptr<Shell>, UserError> Shell::open(const Options& options) {
    std::unique_ptr<Shell> shell(new Shell);
    if (glfwInit() != GLFW_TRUE)
        return failure(
            glfw_failure("no display to open a window on",
                         "set DISPLAY or WAYLAND_DISPLAY, or work without a window: --text, or -o FILE.svg"));
    shell->glfw_ = true;
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    glfwWindowHintString(GLFW_X11_CLASS_NAME, "synscope");
    glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "synscope");
    shell->window_ = glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
    if (shell->window_ == nullptr)
        return failure(
            glfw_failure("the window could not be opened",
                         "it needs OpenGL 3.3 (Debian: libgl1-mesa-dri draws without a graphics card); "
                         "or work without a window: --text"));
    glfwSetWindowSizeLimits(shell->window_, 640, 400, GLFW_DONT_CARE, GLFW_DONT_CARE);
    glfwMakeContextCurrent(shell->window_);
    glfwSwapInterval(1);
    IMGUI_CHECKVERSION();
    ImGui::CreateContext();
    shell->imgui_ = true;
    // Where the panels stand is the workspace's business: no imgui.ini in the user's folder.
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().LogFilename = nullptr;
    shell->install_callbacks();
    if (!ImGui_ImplGlfw_InitForOpenGL(shell->window_, true) || !ImGui_ImplOpenGL3_Init("#version 330 core"))
        return failure(
            UserError{"the window could not be drawn", "OpenGL 3.3", "update the graphics driver"});
    shell->backends_ = true;
    return shell;
}

Shell::~Shell() {
    if (backends_) {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }
    if (imgui_) ImGui::DestroyContext();
    if (window_ != nullptr) glfwDestroyWindow(window_);
    if (glfw_) glfwTerminate();
}

void Shell::install_callbacks() {
    glfwSetWindowUserPointer(window_, this);
    float unused = 1;
    glfwGetWindowContentScale(window_, &scale_, &unused);
    // ImGui's backend chains to callbacks that are there before it.
    glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int, int action, int mods) {
        shell_of(w).on_key(key, action, mods);
    });
    glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned int character) {
        shell_of(w).input_ = true;
        shell_of(w).keys_.push_back({.key = model::Key::Character, .character = character});
    });
    glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double, double) { shell_of(w).input_ = true; });
    glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int) { shell_of(w).input_ = true; });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int, int, int) { shell_of(w).input_ = true; });
    glfwSetScrollCallback(window_, [](GLFWwindow* w, double, double) { shell_of(w).input_ = true; });
    glfwSetWindowFocusCallback(window_, [](GLFWwindow* w, int) { shell_of(w).input_ = true; });
    glfwSetWindowRefreshCallback(window_, [](GLFWwindow* w) { shell_of(w).input_ = true; });
    glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* w, int, int) { shell_of(w).input_ = true; });
    glfwSetWindowCloseCallback(window_, [](GLFWwindow* w) { shell_of(w).input_ = true; });
    glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* w, float x, float) {
        shell_of(w).scale_ = x;
        shell_of(w).input_ = true;
    });
}

void Shell::on_key(int key, int action, int mods) {
    input_ = true;
    if (action == GLFW_RELEASE) return;
    const bool control = (mods & GLFW_MOD_CONTROL) != 0;
    if (const auto named = named_key(key)) {
        keys_.push_back({.key = *named, .shift = (mods & GLFW_MOD_SHIFT) != 0, .control = control});
        return;
    }
    if (!control) return;
    // With Control held no character arrives; the key's name follows the keyboard layout.
    const char* name = glfwGetKeyName(key, 0);
    if (name != nullptr && name[0] != '\0' && name[1] == '\0')
        keys_.push_back({.key = model::Key::Character,
                         .character = static_cast<char32_t>(static_cast<unsigned char>(name[0])),
                         .control = true});
}

bool Shell::wait(double seconds) {
    if (seconds > 0)
        glfwWaitEventsTimeout(seconds);
    else
        glfwPollEvents();
    return std::exchange(input_, false);
}

bool Shell::close_requested() const {
    return glfwWindowShouldClose(window_) == GLFW_TRUE;
}

void Shell::begin_frame() {
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    ImGui::NewFrame();
}

void Shell::render(model::Colour background) {
    ImGui::Render();
    int width = 0;
    int height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    glViewport(0, 0, width, height);
    const auto share = [](std::uint8_t channel) { return static_cast<float>(channel) / 255.0F; };
    glClearColor(share(background.r), share(background.g), share(background.b), 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Shell::present() {
    glfwSwapBuffers(window_);
}

void Shell::upload_fonts() {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
}

Shell::Image Shell::read_back() const {
    Image image;
    glfwGetFramebufferSize(window_, &image.width, &image.height);
    const std::size_t row = static_cast<std::size_t>(image.width) * 4;
    std::vector<unsigned char> upside_down(row * static_cast<std::size_t>(image.height));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, image.width, image.height, GL_BGRA, GL_UNSIGNED_BYTE, upside_down.data());
    image.pixels.reserve(upside_down.size());
    for (std::size_t y = static_cast<std::size_t>(image.height); y-- > 0;)
        image.pixels.insert(image.pixels.end(), upside_down.begin() + static_cast<std::ptrdiff_t>(y * row),
                            upside_down.begin() + static_cast<std::ptrdiff_t>((y + 1) * row));
    return image;
}

std::vector<model::KeyPress> Shell::take_keys() {
    return std::exchange(keys_, {});
}

}  // namespace synscope::window
