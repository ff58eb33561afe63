"""Compiles shaders for a real GPU that is not there: Mesa's RADV on its null device counts their instructions.

Nothing is drawn and no GPU is needed. `open_null_gpu` sets variables that the driver reads once, so it belongs into a
process of its own (see instructions.py).
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

GPU: Final = "navi23"  # RDNA 2, as in a Radeon RX 6600
_ENVIRONMENT: Final = {
    "RADV_FORCE_FAMILY": GPU,
    "VK_LOADER_DRIVERS_SELECT": "*radeon*",
    "VK_LOADER_LAYERS_DISABLE": "~all~",
    "MESA_SHADER_CACHE_DISABLE": "true",
}
_GLSLANG: Final = "glslangValidator"
_EXTENSION: Final = "VK_KHR_pipeline_executable_properties"
_BLOCKS, _TEXTURES, _BUFFERS = range(4), range(4, 8), range(8, 10)  # bindings of the dialect

Statistics = Mapping[str, int]  # of one compiled stage, in Mesa's words


class NullGpuError(Exception):
    """A shader cannot be counted: what is missing or wrong, and how to mend it."""


class Attribute(NamedTuple):
    """What a vertex shader reads at one location: floats, or four bytes that stand for 0..1."""

    location: int
    floats: int
    as_bytes: bool = False
    a_copy: bool = False  # one for each instance, not for each corner

    @property
    def size(self) -> int:
        return 4 if self.as_bytes else 4 * self.floats


@dataclass(frozen=True, slots=True)
class Material:
    """The GLSL of both stages and the fixed state that goes into the compiled code.

    Constants of both stages are fixed for each count: `constant_id` 0, a float, and 1, an integer.
    """

    vertex: str
    fragment: str
    attributes: Sequence[Attribute]
    blend: bool


Constants = tuple[float, int]


class NullGpu:
    """A device that compiles and counts. `driver` is Mesa's version."""

    def __init__(self, vulkan: Any, device: Any, driver: str) -> None:
        self._vk, self._device, self.driver = vulkan, device, driver
        self._layout = self._pipeline_layout()
        self._executables, self._statistics = (
            vulkan.vkGetDeviceProcAddr(device, f"vkGetPipelineExecutable{what}KHR")
            for what in ("Properties", "Statistics")
        )

    def count(self, material: Material, constants: Sequence[Constants]) -> list[tuple[Statistics, Statistics]]:
        """Vertex and fragment stage for each of `constants`. Raises NullGpuError for GLSL that Vulkan does not take."""
        vk = self._vk
        codes = to_spirv({"vert": material.vertex, "frag": material.fragment})
        kinds = vk.VK_SHADER_STAGE_VERTEX_BIT, vk.VK_SHADER_STAGE_FRAGMENT_BIT
        modules = [self._module(code) for code in codes]
        counted = []
        for each in constants:
            fixed = self._fixed(each)
            stages = [self._stage(kind, module, fixed) for kind, module in zip(kinds, modules, strict=True)]
            found = self._counted(self._pipeline(stages, material))
            counted.append((found[kinds[0]], found[kinds[1]]))
        return counted

    def count_kernel(self, text: str, constants: Sequence[Constants]) -> list[Statistics]:
        """The same of a compute stage."""
        vk, (code,) = self._vk, to_spirv({"comp": text})
        kind, module, counted = vk.VK_SHADER_STAGE_COMPUTE_BIT, self._module(code), []
        for each in constants:
            stage = self._stage(kind, module, self._fixed(each))
            flags = vk.VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR
            info = vk.VkComputePipelineCreateInfo(flags=flags, stage=stage, layout=self._layout, basePipelineIndex=-1)
            (pipeline,) = vk.vkCreateComputePipelines(self._device, None, 1, [info], None)
            counted.append(self._counted(pipeline)[kind])
        return counted

    def _fixed(self, constants: Constants) -> Any:
        """Both constants, which must live as long as what is made of them."""
        vk = self._vk
        data = vk.ffi.new("char[8]", struct.pack("fi", *constants))
        entries = [vk.VkSpecializationMapEntry(constantID=number, offset=4 * number, size=4) for number in range(2)]
        return vk.VkSpecializationInfo(pMapEntries=entries, dataSize=8, pData=data)

    def _stage(self, kind: Any, module: Any, fixed: Any) -> Any:
        create = self._vk.VkPipelineShaderStageCreateInfo
        return create(stage=kind, module=module, pName="main", pSpecializationInfo=fixed)

    def _counted(self, pipeline: Any) -> dict[Any, Statistics]:
        """By stage; the pipeline is gone then."""
        vk = self._vk
        parts = list(self._executables(self._device, vk.VkPipelineInfoKHR(pipeline=pipeline)))
        found = {part.stages: self._read(pipeline, index) for index, part in enumerate(parts)}
        vk.vkDestroyPipeline(self._device, pipeline, None)
        return found

    def _read(self, pipeline: Any, index: int) -> Statistics:
        vk = self._vk
        info = vk.VkPipelineExecutableInfoKHR(pipeline=pipeline, executableIndex=index)
        unsigned = vk.VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR
        return {
            told.name: int(told.value.u64) for told in self._statistics(self._device, info) if told.format == unsigned
        }

    def _module(self, code: bytes) -> Any:
        info = self._vk.VkShaderModuleCreateInfo(codeSize=len(code), pCode=code)
        return self._vk.vkCreateShaderModule(self._device, info, None)

    def _pipeline_layout(self) -> Any:
        vk = self._vk
        kinds = dict.fromkeys(_BLOCKS, vk.VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER)
        kinds |= dict.fromkeys(_TEXTURES, vk.VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER)
        kinds |= dict.fromkeys(_BUFFERS, vk.VK_DESCRIPTOR_TYPE_STORAGE_BUFFER)
        bindings = [
            vk.VkDescriptorSetLayoutBinding(
                binding=binding, descriptorType=kind, descriptorCount=1, stageFlags=vk.VK_SHADER_STAGE_ALL
            )
            for binding, kind in kinds.items()
        ]
        sets = [
            vk.vkCreateDescriptorSetLayout(self._device, vk.VkDescriptorSetLayoutCreateInfo(pBindings=bindings), None)
        ]
        return vk.vkCreatePipelineLayout(self._device, vk.VkPipelineLayoutCreateInfo(pSetLayouts=sets), None)

    def _pipeline(self, stages: list[Any], material: Material) -> Any:
        """As the renderer draws: 4x multisampled, sRGB colour, 32-bit reversed depth."""
        vk = self._vk
        blend = vk.VkPipelineColorBlendAttachmentState(
            blendEnable=material.blend,
            srcColorBlendFactor=vk.VK_BLEND_FACTOR_ONE,
            dstColorBlendFactor=vk.VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA,
            srcAlphaBlendFactor=vk.VK_BLEND_FACTOR_ONE,
            dstAlphaBlendFactor=vk.VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA,
            colorWriteMask=0xF,
        )
        made = vk.vkCreateGraphicsPipelines(
            self._device,
            None,
            1,
            [
                vk.VkGraphicsPipelineCreateInfo(
                    pNext=vk.VkPipelineRenderingCreateInfo(
                        pColorAttachmentFormats=[vk.VK_FORMAT_R8G8B8A8_SRGB],
                        depthAttachmentFormat=vk.VK_FORMAT_D32_SFLOAT,
                    ),
                    flags=vk.VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR,
                    pStages=stages,
                    pVertexInputState=self._vertex_input(material.attributes),
                    pInputAssemblyState=vk.VkPipelineInputAssemblyStateCreateInfo(
                        topology=vk.VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST
                    ),
                    pViewportState=vk.VkPipelineViewportStateCreateInfo(viewportCount=1, scissorCount=1),
                    pRasterizationState=vk.VkPipelineRasterizationStateCreateInfo(lineWidth=1.0),
                    pMultisampleState=vk.VkPipelineMultisampleStateCreateInfo(
                        rasterizationSamples=vk.VK_SAMPLE_COUNT_4_BIT
                    ),
                    pDepthStencilState=vk.VkPipelineDepthStencilStateCreateInfo(
                        depthTestEnable=True,
                        depthWriteEnable=not material.blend,
                        depthCompareOp=vk.VK_COMPARE_OP_GREATER,
                    ),
                    pColorBlendState=vk.VkPipelineColorBlendStateCreateInfo(pAttachments=[blend]),
                    pDynamicState=vk.VkPipelineDynamicStateCreateInfo(
                        pDynamicStates=[vk.VK_DYNAMIC_STATE_VIEWPORT, vk.VK_DYNAMIC_STATE_SCISSOR]
                    ),
                    layout=self._layout,
                )
            ],
            None,
        )
        return made[0]

    def _vertex_input(self, attributes: Sequence[Attribute]) -> Any:
        """Corners in one binding, copies in another."""
        vk = self._vk
        formats = (
            vk.VK_FORMAT_R32_SFLOAT,
            vk.VK_FORMAT_R32G32_SFLOAT,
            vk.VK_FORMAT_R32G32B32_SFLOAT,
            vk.VK_FORMAT_R32G32B32A32_SFLOAT,
        )
        described, strides = [], [0, 0]
        for each in attributes:
            kind = vk.VK_FORMAT_R8G8B8A8_UNORM if each.as_bytes else formats[each.floats - 1]
            described.append(
                vk.VkVertexInputAttributeDescription(
                    location=each.location, binding=int(each.a_copy), format=kind, offset=strides[each.a_copy]
                )
            )
            strides[each.a_copy] += each.size
        rates = vk.VK_VERTEX_INPUT_RATE_VERTEX, vk.VK_VERTEX_INPUT_RATE_INSTANCE
        bindings = [
            vk.VkVertexInputBindingDescription(binding=number, stride=stride, inputRate=rate)
            for number, (stride, rate) in enumerate(zip(strides, rates, strict=True))
            if stride
        ]
        return vk.VkPipelineVertexInputStateCreateInfo(
            pVertexBindingDescriptions=bindings, pVertexAttributeDescriptions=described
        )


@contextmanager
def open_null_gpu() -> Iterator[NullGpu]:
    """Raises NullGpuError where Mesa's RADV or a tool is missing."""
    if shutil.which(_GLSLANG) is None:
        raise NullGpuError(f"{_GLSLANG} is missing: apt-get install glslang-tools")
    os.environ.update(_ENVIRONMENT)
    try:
        import vulkan as vk  # type: ignore[import-untyped,unused-ignore]
    except (ImportError, OSError) as error:
        raise NullGpuError(f"Vulkan cannot be used ({error}): apt-get install libvulkan1, pip install vulkan") from None
    application = vk.VkApplicationInfo(apiVersion=vk.VK_MAKE_VERSION(1, 3, 0))
    try:
        instance = vk.vkCreateInstance(vk.VkInstanceCreateInfo(pApplicationInfo=application), None)
        physical = vk.vkEnumeratePhysicalDevices(instance)[0]
    except (vk.VkError, vk.VkException, IndexError):
        raise NullGpuError("Mesa's Vulkan driver for AMD is missing: apt-get install mesa-vulkan-drivers") from None
    device = vk.vkCreateDevice(physical, _device_info(vk), None)
    version = vk.vkGetPhysicalDeviceProperties(physical).driverVersion
    try:
        yield NullGpu(vk, device, f"{version >> 22}.{version >> 12 & 0x3FF}.{version & 0xFFF}")
    finally:
        vk.vkDestroyDevice(device, None)
        vk.vkDestroyInstance(instance, None)


def _device_info(vk: Any) -> Any:
    rendering = vk.VkPhysicalDeviceVulkan13Features(dynamicRendering=True)
    layers = vk.VkPhysicalDeviceVulkan12Features(pNext=rendering, shaderOutputLayer=True)
    counts = vk.VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR(pNext=layers, pipelineExecutableInfo=True)
    queue = vk.VkDeviceQueueCreateInfo(queueFamilyIndex=0, pQueuePriorities=[1.0])
    return vk.VkDeviceCreateInfo(pNext=counts, pQueueCreateInfos=[queue], ppEnabledExtensionNames=[_EXTENSION])


def to_spirv(stages: Mapping[str, str]) -> list[bytes]:
    """Stages (vert, frag, comp -> GLSL) as Vulkan takes them. Raises NullGpuError with the compiler's first error."""
    with tempfile.TemporaryDirectory(prefix="harborlight-spirv-") as name:
        folder = Path(name)
        for kind, text in stages.items():
            (folder / f"stage.{kind}").write_text(text, encoding="utf-8")
        command = [_GLSLANG, "-V", "--target-env", "vulkan1.2", *(f"stage.{kind}" for kind in stages)]  # slow: once
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            words = [line for line in done.stdout.splitlines() if line.startswith("ERROR:")] or [done.stdout[:200]]
            raise NullGpuError(f"not GLSL that Vulkan takes: {words[0]}")
        return [(folder / f"{kind}.spv").read_bytes() for kind in stages]
