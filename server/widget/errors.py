"""What can stand in the way of showing the widget."""

from ground.errors import NotFound


class WidgetFileNotFound(NotFound):
    """No file of that name, nor a version with that hash."""

    code = "widget_file_not_found"
    title = "The widget has no such file"
