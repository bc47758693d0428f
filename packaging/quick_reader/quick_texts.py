"""Text that nobody has seen before: words, lines and cells, from a seed."""

from __future__ import annotations

import random

ENGLISH = """
account address again album alert answer archive arrow attach author average backup balance
battery border branch bridge bright browser budget buffer calendar camera cancel capital capture
change chapter channel client clock coffee column comment compare concert connect copy corner
county credit current customer danger decimal default delete deliver desktop device digital
direct disk document double draft drive early edit electric enable energy engine error evening
example exit export family feature figure filter final find folder forecast format forward
garden general gray guest handle height history holiday horizon image import index input install
island journal keyboard kitchen label language letter level library licence light limit linear
local machine margin market memory message method minute mirror modern monitor morning network
normal number object office option order output package page panel paper parcel password pattern
payment percent picture plain planet player pocket power preview print private profile project
purple quality quarter question quick radio random recent record refresh region release remote
report reset result river sample save scale school screen search second select server service
shadow signal silver simple single slider socket source spring standard station status storage
stream street student submit summer switch symbol system table target theme ticket toggle total
travel update upload valley value version village visible volume weather website weekend window
winter wizard yellow zoom
"""
CHINESE = """
文件 编辑 查看 窗口 帮助 设置 保存 取消 确定 打开 关闭 新建 删除 复制
粘贴 搜索 网络 语言 图片 屏幕 截图 识别 模型 下载 更新 版本 历史 记录
会议 上午 下午 今天 明天 地址 电话 邮箱 用户 密码 登录 退出 价格 数量
总计 订单 快递 天气 温度 城市 北京 上海 学校 老师 学生 时间 日期 系统
内存 磁盘 速度 质量 颜色 字体 大小 我们 可以 已经 需要 没有 因为 所以
如果 但是 这个 那个 一个 问题 办法 工作 生活 发展 经济 社会 技术 通知
消息 联系 管理 项目 计划 完成 开始 结束 支持 服务 公司 产品 客户 市场
研究 报告 数据 结果 分析
"""


class Told:
    """One source of text in one language."""

    def __init__(self, language: str, seed: int) -> None:
        self.chinese = language == "zh"
        self._words = (CHINESE if self.chinese else ENGLISH).split()
        self._random = random.Random(f"{language} {seed}")

    def words(self, least: int, most: int) -> str:
        """A few words, without a full stop; Chinese ones have no spaces between."""
        words = [self._word() for _ in range(self._random.randint(least, most))]
        return "".join(words) if self.chinese else " ".join(words).capitalize()

    def _word(self) -> str:
        if self._random.random() < 0.1:
            return str(self._random.randint(2, 9999))
        if self.chinese and self._random.random() < 0.2:  # one of the 3755 usual characters
            code = (self._random.randint(0xB0, 0xD6), self._random.randint(0xA1, 0xF9))
            return bytes(code).decode("gb2312")
        return self._random.choice(self._words)

    def sentence(self) -> str:
        """A whole sentence."""
        comma, stop = ("，", "。") if self.chinese else (", ", ".")
        return self.words(3, 6) + comma + self.words(3, 6).lower() + stop

    def cell(self) -> str:
        """What stands in a table: an amount, a date, a percentage, a name."""
        number = self._random.randint
        return self._random.choice(
            (
                f"{number(1, 9999)}.{number(0, 99):02}",
                f"20{number(10, 39)}-{number(1, 12):02}-{number(1, 28):02}",
                f"{number(1, 100)}%",
                self.words(1, 2),
            )
        )
