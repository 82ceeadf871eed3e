# One CMake target per folder, one line per fact. Warnings and sanitizers are INTERFACE targets that our own targets link
# privately, so that nobody who links us inherits them.

add_library(synscope_warnings INTERFACE)
target_compile_options(synscope_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Wcast-align -Woverloaded-virtual -Wimplicit-fallthrough
    $<$<BOOL:${SYNSCOPE_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Not -Wnull-dereference: GCC 12 reports it inside the standard library at -O2 and with sanitizers.
  target_compile_options(synscope_warnings INTERFACE -Wduplicated-cond -Wlogical-op)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # At -O2 and with sanitizers GCC 12 sees uninitialized and overlapping reads inside the standard library's variant,
    # optional and string, where there are none.
    target_compile_options(synscope_warnings INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
  endif()
endif()

add_library(synscope_sanitizers INTERFACE)
if(SYNSCOPE_SANITIZE)
  target_compile_options(synscope_sanitizers INTERFACE
      -fsanitize=${SYNSCOPE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(synscope_sanitizers INTERFACE -fsanitize=${SYNSCOPE_SANITIZE})
  if(SYNSCOPE_SANITIZE MATCHES "undefined")
    # The check of an object's type asks the kernel for a pipe; with no descriptor left, which our servers must live through,
    # it would call every object bad.
    target_compile_options(synscope_sanitizers INTERFACE -fno-sanitize=vptr)
  endif()
endif()

add_library(synscope_options INTERFACE)
target_link_libraries(synscope_options INTERFACE synscope_warnings synscope_sanitizers)

# synscope_add_library(NAME net_base SOURCES a.cpp ... HEADERS a.hpp ... [PUBLIC targets...] [PRIVATE targets...])
# Creates synscope_<NAME> and synscope::<NAME>. Headers are included from the project's root: "net/base/instant.hpp".
# HEADERS feeds the test that compiles every header alone.
function(synscope_add_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  if(NOT arg_NAME OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "synscope_add_library: NAME is missing, or not understood: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target "synscope_${arg_NAME}")
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES} ${arg_HEADERS})
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:synscope_options>)
  else()
    add_library(${target} INTERFACE ${arg_HEADERS})
    target_include_directories(${target} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(synscope::${arg_NAME} ALIAS ${target})
  set_property(GLOBAL APPEND PROPERTY SYNSCOPE_LIBRARIES ${target})
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  list(TRANSFORM arg_HEADERS PREPEND "${folder}/")
  set_property(TARGET ${target} PROPERTY SYNSCOPE_HEADERS "${arg_HEADERS}")
  # What its headers may use: a private header of the folder may also use what the folder links privately.
  set_property(TARGET ${target} PROPERTY SYNSCOPE_LINKS "${arg_PUBLIC};${arg_PRIVATE}")
endfunction()

# synscope_optimise_together(targets...): libraries whose functions call one another for every simulated segment are compiled
# as one in an optimised build with GCC: a sixth more segments a second (tests/bench/sim).
function(synscope_optimise_together)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR NOT CMAKE_BUILD_TYPE MATCHES "^Rel" OR SYNSCOPE_SANITIZE)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    set_property(TARGET ${target} PROPERTY INTERPROCEDURAL_OPTIMIZATION ON)
    target_compile_options(${target} PRIVATE -O3)
    target_link_options(${target} INTERFACE -O3 -flto=auto)
  endforeach()
endfunction()

# synscope_add_program(NAME synscope SOURCES main.cpp ... [HEADERS a.hpp ...] LINK synscope::... )
# A program that is installed. All of them are built into <build>/bin, where each finds the others beside itself, as it
# does when installed.
function(synscope_add_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;HEADERS;LINK")
  add_executable(${arg_NAME} ${arg_SOURCES} ${arg_HEADERS})
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LINK} synscope_options)
  if(arg_HEADERS)
    file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
    list(TRANSFORM arg_HEADERS PREPEND "${folder}/")
    set_property(GLOBAL APPEND PROPERTY SYNSCOPE_LIBRARIES ${arg_NAME})
    set_property(TARGET ${arg_NAME} PROPERTY SYNSCOPE_HEADERS "${arg_HEADERS}")
    set_property(TARGET ${arg_NAME} PROPERTY SYNSCOPE_LINKS "${arg_LINK}")
  endif()
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  install(TARGETS ${arg_NAME} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  set_property(GLOBAL APPEND PROPERTY SYNSCOPE_PROGRAMS ${arg_NAME})
endfunction()

# synscope_add_test(NAME unit_net_base SOURCES seq32_test.cpp ... LINK synscope::net_base ... [LABELS unit])
# A GoogleTest program; its cases are discovered when the tests run, so a test is named once, in its source. Tests of a folder
# in SYNSCOPE_THREADED_FOLDERS, and all of tests/e2e, get the label `threads` too: those the tsan preset builds and runs.
function(synscope_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LINK;LABELS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LINK} synscope_options GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX REPLACE "^unit/" "" folder "${folder}")
  if(folder MATCHES "^e2e" OR folder IN_LIST SYNSCOPE_THREADED_FOLDERS)
    list(APPEND arg_LABELS threads)
    set_property(GLOBAL APPEND PROPERTY SYNSCOPE_THREADED_TESTS ${arg_NAME})
  endif()
  # gtest_discover_tests hands on one label, not a list: joined, and `ctest -L` matches a part of it.
  list(JOIN arg_LABELS "." labels)
  gtest_discover_tests(${arg_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS "${labels}" TIMEOUT 300)
endfunction()

# synscope_add_fuzzer(NAME fuzz_wire_tcp SOURCES tcp_fuzz.cpp LINK synscope::net_wire)
# libFuzzer under the `fuzz` preset. Its committed seeds are tests/fuzz/seeds/<NAME>/; 5 seconds each in CI.
function(synscope_add_fuzzer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LINK")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LINK} synscope_options)
  target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
  set(seeds "${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${arg_NAME}")
  set(grown "${CMAKE_CURRENT_BINARY_DIR}/grown/${arg_NAME}")
  add_test(NAME ${arg_NAME} COMMAND ${CMAKE_COMMAND} -DFUZZER=$<TARGET_FILE:${arg_NAME}> -DSEEDS=${seeds} -DGROWN=${grown}
           -P "${PROJECT_SOURCE_DIR}/cmake/run_fuzzer.cmake")
  set_tests_properties(${arg_NAME} PROPERTIES LABELS fuzz TIMEOUT 7200)
  set_property(GLOBAL APPEND PROPERTY SYNSCOPE_FUZZERS ${arg_NAME})
endfunction()

# synscope_add_bench(NAME bench_trace SOURCES store_bench.cpp LINK synscope::capture_trace)
# A google-benchmark program, run by scripts/bench.
function(synscope_add_bench)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LINK")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LINK} synscope_options benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
  set_property(GLOBAL APPEND PROPERTY SYNSCOPE_BENCHES ${arg_NAME})
endfunction()
