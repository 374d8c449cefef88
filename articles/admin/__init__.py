from .library import ImageAdmin, SourceAdmin, StandingPageAdmin, TopicAdmin
from .writing import ArticleAdmin

__all__ = [
    "ArticleAdmin",
    "ImageAdmin",
    "SourceAdmin",
    "StandingPageAdmin",
    "TopicAdmin",
]
