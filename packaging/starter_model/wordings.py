"""The sentences of questions and answers about pictures, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scenes import COLOURS, SHAPES


@dataclass(frozen=True)
class Wording:
    """One language's sentences; `{}` takes what the question is about."""

    chinese: bool
    read: tuple[str, ...]
    title: tuple[str, ...]
    fact: tuple[str, ...]
    button: tuple[tuple[int, str], ...]  # which of the buttons, counted as Python does
    buttons: str
    all_buttons: tuple[str, ...]
    middle_button: str
    colour: tuple[str, ...]
    which: str
    where: str
    number: tuple[str, ...]
    all_shapes: tuple[str, ...]
    which_shapes: tuple[str, ...]
    name: tuple[str, ...]
    no_text: str
    no_title: str
    no_button: str
    cannot_tell: str
    shapes: dict[str, str]
    plural: str
    coloured: str  # takes a colour and a shape
    between: str  # two things that are named
    colours: dict[str, str]
    places: tuple[str, ...]  # of three rows of three


ENGLISH = Wording(
    chinese=False,
    read=(
        "Read the text.",
        "Read the text.",
        "Read all text in the picture.",
        "What does it say?",
        "Read the text in the picture.",
        "What text is in the picture?",
    ),
    title=("What is the title?", "What is the title of the window?", "Read the title."),
    fact=("What is the {}?", "What does it say for {}?"),
    button=((0, "Which button is on the left?"), (-1, "Which button is on the right?")),
    buttons="How many buttons are there?",
    all_buttons=("Which buttons are there?", "What buttons are there?"),
    middle_button="Which button is in the middle?",
    colour=("What colour is the {}?", "What color is the {}?"),
    which="What shape is {}?",
    where="Where is the {}?",
    number=("How many {} are there?", "How many {} are in the picture?"),
    all_shapes=("How many shapes are there?", "How many shapes are in the picture?"),
    which_shapes=("Which shapes are there?", "What shapes are there?"),
    name=("What is this?", "What is in the picture?"),
    no_text="There is no text in the picture.",
    no_title="There is no title in the picture.",
    no_button="There is no button in the picture.",
    cannot_tell="I cannot tell from the picture.",
    shapes={shape: shape for shape in SHAPES},
    plural="s",
    coloured="{} {}",
    between=", ",
    colours={colour: colour for colour in COLOURS},
    places=(
        *("top left", "top", "top right"),
        *("left", "middle", "right"),
        *("bottom left", "bottom", "bottom right"),
    ),
)
CHINESE = Wording(
    chinese=True,
    read=(
        "读取文字。",
        "读取文字。",
        "图中写了什么？",
        "请读出图片中的文字。",
        "图片里的文字是什么？",
    ),
    title=("标题是什么？", "窗口的标题是什么？"),
    fact=("{}是什么？", "{}是多少？"),
    button=((0, "左边的按钮是什么？"), (-1, "右边的按钮是什么？")),
    buttons="有几个按钮？",
    all_buttons=("有哪些按钮？",),
    middle_button="中间的按钮是什么？",
    colour=("{}是什么颜色？", "{}是什么颜色的？"),
    which="{}的是什么形状？",
    where="{}在哪里？",
    number=("有几个{}？", "图中有几个{}？"),
    all_shapes=("有几个图形？", "图中有几个图形？"),
    which_shapes=("有哪些图形？",),
    name=("这是什么？", "图中是什么？"),
    no_text="图中没有文字。",
    no_title="图中没有标题。",
    no_button="图中没有按钮。",
    cannot_tell="从图中看不出来。",
    shapes=dict(zip(SHAPES, ("圆形", "正方形", "三角形", "星形", "长方形"), strict=True)),
    plural="",
    coloured="{}{}",
    between="、",
    colours=dict(
        zip(
            COLOURS,
            ("红色", "绿色", "蓝色", "黄色", "橙色", "紫色", "黑色", "白色", "灰色", "粉色"),
            strict=True,
        )
    ),
    places=("左上", "上面", "右上", "左边", "中间", "右边", "左下", "下面", "右下"),
)
# What people also say; only trained, so that the sets of the evaluation stay as they are.
ENGLISH_MORE = replace(
    ENGLISH,
    read=(
        *("What is written here?", "What does the text say?", "Extract the text.", "Read this."),
        *("Please read the text.", "Transcribe the text in the picture.", "What's written here?"),
    ),
    title=("What's the title?", "What is the window called?", "What is the name of the window?"),
    fact=("What's the {}?", "Tell me the {}.", "Give me the {}.", "{}?", "Read the {}."),
    button=(
        *((0, "What is the left button?"), (0, "What does the left button say?")),
        *((0, "What is the first button?"), (-1, "What is the last button?")),
        *((-1, "What is the right button?"), (-1, "What does the right button say?")),
    ),
    all_buttons=("What are the buttons?", "List the buttons.", "Read the buttons."),
    buttons="How many buttons do you see?",
    middle_button="What is the middle button?",
    colour=("What's the colour of the {}?", "Which colour is the {}?", "Which color is the {}?"),
    which="Which shape is {}?",
    number=("How many {} do you see?", "Count the {}.", "How many {}?"),
    all_shapes=("How many shapes do you see?", "Count the shapes."),
    which_shapes=("Name the shapes.", "What shapes do you see?"),
    name=("What's this?", "What do you see?", "What does the picture show?"),
)
CHINESE_MORE = replace(
    CHINESE,
    read=(
        *("这里写了什么？", "上面写着什么？", "请提取文字。", "读一下文字。"),
        *("图片上写的是什么？", "识别文字。", "请读取图中的文字。"),
    ),
    title=("标题是？", "窗口叫什么？", "请读出标题。"),
    fact=("{}？", "请告诉我{}。", "{}是？", "{}写的是什么？"),
    button=(
        *((0, "左边是什么按钮？"), (0, "第一个按钮是什么？")),
        *((-1, "右边是什么按钮？"), (-1, "最后一个按钮是什么？")),
    ),
    all_buttons=("都有什么按钮？", "请列出按钮。"),
    buttons="一共有几个按钮？",
    middle_button="中间是什么按钮？",
    colour=("{}的颜色是什么？", "{}是哪种颜色？"),
    which="{}的图形是什么形状？",
    where="{}在什么地方？",
    number=("有多少个{}？", "一共有几个{}？"),
    all_shapes=("有多少个图形？", "一共有几个图形？"),
    which_shapes=("都有什么图形？", "图中有哪些图形？"),
    name=("图里有什么？", "这是什么东西？", "你看到了什么？"),
)


@dataclass(frozen=True)
class Beyond:
    """What people ask and this model cannot answer; `{}` takes a thing."""

    asks: tuple[str, ...]
    things: tuple[str, ...]


BEYOND = (
    Beyond(
        (
            *("Describe the picture in detail.", "Describe this picture.", "Describe the image."),
            *("Write the table in the picture as a Markdown table.", "Explain the picture."),
            *("Translate the text in the picture into English.", "Translate this into French."),
            *("Write what is in the picture as JSON, with one key for each field.", "Why?"),
            *("Summarise the text.", "What is this about?", "Explain this.", "Help me with this."),
            *("Who is this?", "Who made this?", "Who is in the picture?", "What are they doing?"),
            *("When was this made?", "Where was this taken?", "How old is it?", "Is this true?"),
            *("How does this work?", "What should I do?", "What happens next?", "Hello", "Hi!"),
            *("Why is it so?", "What is wrong here?", "Solve this.", "Tell me a joke.", "Thanks"),
            *("What language is this?", "What font is this?", "What is the weather like?"),
            *("Is there a {}?", "Is there a {}?", "Can you see a {}?", "Are there any {}s?"),
            *("Where is the {}?", "What is the {} doing?", "What colour is the {}?"),
            *("Is this a {}?", "How large is the {}?", "How much is the {}?", "Who has the {}?"),
            *("Which {} is the largest?", "Why is the {} here?", "How many {}s can you see?"),
        ),
        (
            *("cat", "car", "person", "man", "woman", "tree", "house", "chair", "phone", "book"),
            *("bird", "horse", "train", "bus", "road", "river", "mountain", "face", "hand"),
            *("flower", "computer", "door", "bottle", "cup", "apple", "cake", "child"),
            *("banana", "boat", "plane", "sky", "cloud", "moon", "hat", "shoe", "shirt", "bag"),
            *("ball", "clock", "lamp", "bed", "sofa", "street", "bridge", "animal", "fish"),
        ),
    ),
    Beyond(
        (
            *("详细描述这张图片。", "把图片中的文字翻译成中文。"),
            *("把图片中的表格写成 Markdown 表格。", "把图片中的内容写成 JSON，每个字段一个键。"),
            *("请详细描述这张图片。", "描述一下图片。", "描述这张图。", "这张图讲的是什么？"),
            *("把图中的表格写成Markdown表格。", "总结一下。", "解释一下这张图。", "为什么？"),
            *("把图中的文字翻译成英文。", "翻译成中文。", "这是什么意思？", "这是谁？"),
            *("谁在图中？", "他们在做什么？", "什么时候拍的？", "在哪里拍的？", "你好", "谢谢"),
            *("我该怎么办？", "怎么用？", "接下来会怎样？", "这是真的吗？", "讲个笑话。"),
            *("这是什么语言？", "这是什么字体？", "天气怎么样？", "哪里有问题？", "帮帮我。"),
            *("有没有{}？", "图中有{}吗？", "有{}吗？", "{}在做什么？", "{}在哪里？"),
            *("{}是什么颜色？", "这是{}吗？", "哪个{}最大？", "{}有多大？", "为什么有{}？"),
        ),
        (
            *("猫", "汽车", "人", "男人", "女人", "树", "房子", "椅子", "手机", "书", "鸟", "马"),
            *("火车", "公交车", "路", "河", "山", "孩子", "脸", "手", "花", "电脑", "老鼠", "门"),
            *("瓶子", "杯子", "苹果", "蛋糕", "香蕉", "船", "飞机", "天空", "云", "月亮", "帽子"),
            *("鞋", "衬衫", "包", "球", "钟", "灯", "床", "街道", "桥", "教堂", "动物", "鱼"),
        ),
    ),
)
# Never trained: how often something is invented is measured with these.
BEYOND_UNSEEN = (
    Beyond(
        (
            *("Describe what you see in a few sentences.", "Translate the text into German."),
            *("Who wrote this?", "When was this picture taken?", "Is it a good offer?"),
            *("What does this mean?", "What brand is it?", "Write a poem about it."),
            *("Do you see a {}?", "Is the {} old?", "What is behind the {}?"),
        ),
        ("dog", "bicycle", "table", "girl", "sun", "guitar", "building", "elephant"),
    ),
    Beyond(
        (
            *("请用几句话描述一下。", "把文字翻译成德文。", "这是谁写的？", "这张图是什么时候的？"),
            *("这是什么牌子的？", "写一首诗。", "看得到{}吗？", "{}后面是什么？", "{}旧不旧？"),
        ),
        ("狗", "自行车", "桌子", "女孩", "太阳", "吉他", "大楼", "大象"),
    ),
)
