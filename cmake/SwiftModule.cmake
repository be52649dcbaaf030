# nnformer_swift_module(NAME [C <C targets>...] [SWIFT <Swift modules>...])
# Compiles Sources/NAME to one whole-module object and appends it to NNFORMER_SWIFT_OBJECTS.

find_program(SWIFTC swiftc REQUIRED)
execute_process(COMMAND ${SWIFTC} -print-target-info -static-stdlib
                OUTPUT_VARIABLE swift_target_info COMMAND_ERROR_IS_FATAL ANY)
string(JSON swift_resources GET "${swift_target_info}" paths runtimeResourcePath)
set(NNFORMER_SWIFT_RUNTIME ${swift_resources}/linux)
# Registers the metadata of the static runtime: without it, casts and protocol look-ups fail at run time.
set(NNFORMER_SWIFT_OBJECTS ${NNFORMER_SWIFT_RUNTIME}/${CMAKE_SYSTEM_PROCESSOR}/swiftrt.o)
set_source_files_properties(${NNFORMER_SWIFT_OBJECTS} PROPERTIES EXTERNAL_OBJECT ON)

function(nnformer_swift_module name)
  cmake_parse_arguments(module "" "" "C;SWIFT" ${ARGN})
  set(directory ${CMAKE_BINARY_DIR}/swift)
  file(MAKE_DIRECTORY ${directory})
  file(GLOB_RECURSE swift_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/Sources/${name}/*.swift)
  # Clang modules that a lower Swift module imports must be found too.
  set(includes "")
  set(headers "")
  foreach(folder Include Sources/NNFKernels/include Sources/CNNFWeights/include Sources/COnnx/include)
    list(APPEND includes -I ${PROJECT_SOURCE_DIR}/${folder})
    file(GLOB folder_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*)
    list(APPEND headers ${folder_headers})
  endforeach()
  set(lower_modules ${module_SWIFT})
  list(TRANSFORM lower_modules PREPEND ${directory}/)
  list(TRANSFORM lower_modules APPEND .swiftmodule)
  set(object ${directory}/${name}.o)
  set(interface ${directory}/${name}.swiftmodule)
  add_custom_command(
    OUTPUT ${object} ${interface}
    COMMAND ${SWIFTC} -module-name ${name} -package-name nnformer -parse-as-library -static-stdlib
            -swift-version 6 -enable-upcoming-feature InternalImportsByDefault
            -enable-upcoming-feature ExistentialAny -warnings-as-errors
            -wmo -num-threads 0 -O -g -I ${directory} ${includes}
            -emit-module -emit-module-path ${interface} -c -o ${object} ${swift_sources}
    # swiftc leaves unchanged outputs untouched; without this, they would look stale for ever.
    COMMAND ${CMAKE_COMMAND} -E touch ${object} ${interface}
    DEPENDS ${swift_sources} ${headers} ${lower_modules}
    COMMENT "Compiling Swift module ${name}" VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(NNFORMER_SWIFT_OBJECTS ${NNFORMER_SWIFT_OBJECTS} ${object} PARENT_SCOPE)
endfunction()
