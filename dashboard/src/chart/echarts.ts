// The parts of ECharts that the dashboard's lines and bars need, and no more. Its tooltips are left out:
// they are HTML with style in it, which the page's policy forbids; values are shown beside the chart
// instead.

import { LineChart } from 'echarts/charts';
import { AxisPointerComponent, GridComponent } from 'echarts/components';
import { init, use as addParts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

addParts([LineChart, GridComponent, AxisPointerComponent, CanvasRenderer]);

export { init };
