# `cmake --install build/release`: the programs (where they are built), the engine as a library with
# its CMake package, the bundled pack and policy, the API and the documents. `--component engine`
# installs the library alone; its headers need no generated file.
include(CMakePackageConfigHelpers)

set(winnow_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/winnow)
install(TARGETS winnow_engine EXPORT winnowTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT engine
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/winnow COMPONENT engine)
install(EXPORT winnowTargets NAMESPACE winnow:: DESTINATION ${winnow_package_dir} COMPONENT engine)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/winnowConfig.cmake.in
  ${PROJECT_BINARY_DIR}/winnowConfig.cmake INSTALL_DESTINATION ${winnow_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/winnowConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/winnowConfig.cmake
              ${PROJECT_BINARY_DIR}/winnowConfigVersion.cmake
  DESTINATION ${winnow_package_dir} COMPONENT engine)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/winnow/v1
  DESTINATION ${CMAKE_INSTALL_DATADIR}/winnow/proto/winnow COMPONENT api
  FILES_MATCHING PATTERN "*.proto")

if(WINNOW_BUILD_SERVICE)
  # The programs look for these in share/winnow beside themselves, as in the build tree.
  install(FILES ${PROJECT_BINARY_DIR}/share/winnow/bundled.pack
                ${PROJECT_BINARY_DIR}/share/winnow/policy.yaml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/winnow COMPONENT programs)
endif()

foreach(document README.md ARCHITECTURE.md CHANGELOG.md LICENSE)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${document})
    install(FILES ${PROJECT_SOURCE_DIR}/${document} DESTINATION ${CMAKE_INSTALL_DOCDIR}
      COMPONENT docs)
  endif()
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT docs
  FILES_MATCHING PATTERN "*.md")
