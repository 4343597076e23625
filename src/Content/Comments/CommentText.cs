using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>The text of a comment on its way in.</summary>
internal static class CommentText
{
    /// <summary>Makes HTML of it, without blanks around it.</summary>
    /// <exception cref="InvalidException">Nothing is in it, or it is made to take long.</exception>
    public static (string Content, Rendered Rendered) Render(string content)
    {
        var kept = content.Trim();
        return kept.Length == 0 ? throw new InvalidException("content", "must have something in it.") : (kept, Rendered.Of(kept, Sanitizer.OfComments, "content"));
    }
}
