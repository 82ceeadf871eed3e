#pragma once
// What the test of headers must refuse: it uses std::string and leaves the include to others.
inline std::string not_alone();
