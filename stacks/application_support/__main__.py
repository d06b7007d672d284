"""The native entry of the layer 应用支撑层: one stack for each of its systems."""

from govstack.layers.native import declare_native
from govstack.site.kinds import Layer

declare_native(Layer.APPLICATION_SUPPORT)
